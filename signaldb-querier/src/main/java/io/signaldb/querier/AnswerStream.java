package io.signaldb.querier;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.querier.read.QueryScope;
import org.apache.arrow.flight.BackpressureStrategy;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Sends the batches of an answer as fast as the client reads them. A client that leaves stops the
 * query. Used by the thread that runs the query.
 */
final class AnswerStream extends BackpressureStrategy.CallbackBackpressureStrategy {
  private static final long CLIENT_TIMEOUT_MILLIS = 60_000;

  private final QueryScope scope;
  private final ServerStreamListener listener;

  AnswerStream(QueryScope scope, ServerStreamListener listener) {
    this.scope = scope;
    this.listener = listener;
    register(listener);
  }

  /** Begins an answer whose batches come in {@code root}. */
  void start(VectorSchemaRoot root) {
    listener.start(root);
  }

  /** Sends what {@code root} holds now. */
  void sendBatch(VectorSchemaRoot root) {
    awaitClient();
    listener.putNext();
  }

  /** Says what is known about the answer and ends it. */
  void complete() {
    byte[] json = scope.summary().toJson();
    ArrowBuf metadata = scope.allocator().buffer(json.length);
    metadata.writeBytes(json);
    awaitClient();
    listener.putMetadata(metadata);
    listener.completed();
  }

  private void awaitClient() {
    WaitResult client = waitForListener(CLIENT_TIMEOUT_MILLIS);
    if (client != WaitResult.READY) {
      throw new SignalDbException(
          ErrorCode.CANCELLED,
          "The client left or read nothing for %d s".formatted(CLIENT_TIMEOUT_MILLIS / 1000));
    }
  }

  @Override
  protected void cancelCallback() {
    scope.stop(new SignalDbException(ErrorCode.CANCELLED, "The client cancelled the query"));
  }
}
