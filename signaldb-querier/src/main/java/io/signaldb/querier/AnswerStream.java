package io.signaldb.querier;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.ClientFlow;
import io.signaldb.querier.read.QueryScope;
import java.time.Duration;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Sends the batches of an answer, which all come in one root, as fast as the client reads them. The
 * answer begins with its first batch: until then, the client may ask another Querier when the query
 * fails. A client that leaves stops the query. Used by the thread that runs the query.
 */
final class AnswerStream {
  private static final Duration CLIENT_PATIENCE = Duration.ofSeconds(60);

  private final QueryScope scope;
  private final ServerStreamListener listener;
  private final ClientFlow flow;
  private boolean begun;

  AnswerStream(QueryScope scope, ServerStreamListener listener) {
    this.scope = scope;
    this.listener = listener;
    this.flow =
        new ClientFlow(
            listener,
            CLIENT_PATIENCE,
            () ->
                scope.stop(
                    new SignalDbException(ErrorCode.CANCELLED, "The client cancelled the query")));
  }

  /** Sends what {@code root} holds now. */
  void sendBatch(VectorSchemaRoot root) {
    begin(root);
    flow.awaitRoom();
    listener.putNext();
  }

  /**
   * Says what is known about the answer and ends it.
   *
   * @param root whose schema an answer without batches has
   */
  void complete(VectorSchemaRoot root) {
    begin(root);
    flow.awaitRoom();
    byte[] json = scope.summary().toBytes();
    ArrowBuf metadata = scope.allocator().buffer(json.length);
    metadata.writeBytes(json);
    listener.putMetadata(metadata);
    listener.completed();
  }

  private void begin(VectorSchemaRoot root) {
    if (!begun) {
      listener.start(root);
      begun = true;
    }
  }
}
