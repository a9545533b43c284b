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
  private final WriteBatch batch;
  private final int bytes;
  private final CompletableFuture<Void> outcome = new CompletableFuture<>();

  PendingBatch(WriteBatch batch) {
    this.batch = batch;
    int size = 0;
    for (ByteBuffer part : batch.encode()) {
      size += part.remaining();
    }
    bytes = size;
  }

  BatchId id() {
    return batch.header().batchId();
  }

  WriteBatch batch() {
    return batch;
  }

  /** The batch as a message of the long-lived {@code do_put}. */
  FlightData message() {
    ByteString encoded = ByteString.EMPTY;
    for (ByteBuffer part : batch.encode()) {
      encoded = encoded.concat(UnsafeByteOperations.unsafeWrap(part));
    }
    return FlightData.newBuilder().setAppMetadata(encoded).build();
  }

  /** Size of the encoded batch. */
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
