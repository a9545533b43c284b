package io.signaldb.acceptor.forward;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.BatchId;
import io.signaldb.common.flight.WriteBatch;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.apache.arrow.flight.impl.Flight.FlightData;

/** A batch on its way, and the promise of its outcome. */
final class PendingBatch {
  private final BatchId id;
  private final FlightData message;
  private final int bytes;
  private final CompletableFuture<Void> outcome = new CompletableFuture<>();

  PendingBatch(WriteBatch batch) {
    id = batch.header().batchId();
    ByteString encoded = ByteString.EMPTY;
    for (ByteBuffer part : batch.encode()) {
      encoded = encoded.concat(UnsafeByteOperations.unsafeWrap(part));
    }
    message = FlightData.newBuilder().setAppMetadata(encoded).build();
    bytes = encoded.size();
  }

  BatchId id() {
    return id;
  }

  FlightData message() {
    return message;
  }

  int bytes() {
    return bytes;
  }

  CompletableFuture<Void> outcome() {
    return outcome;
  }

  void fail(SignalDbException failure) {
    outcome.completeExceptionally(failure);
  }
}
