package io.signaldb.router.query;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.AnswerSummary;
import io.signaldb.common.flight.ClientFlow;
import io.signaldb.common.flight.FlightErrors;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** The rows a Querier answers with, batch by batch. Not thread-safe. */
public final class Answer implements AutoCloseable {
  private final FlightStream stream;
  private AnswerSummary summary = new AnswerSummary(0, 0, null);

  private Answer(FlightStream stream) {
    this.stream = stream;
  }

  /** Waits for the answer to begin; takes over {@code stream} and closes it on failure. */
  static Answer open(FlightStream stream) {
    var answer = new Answer(stream);
    try {
      stream.getRoot();
      return answer;
    } catch (RuntimeException e) {
      answer.closeAfter(e);
      throw e;
    }
  }

  /**
   * Moves to the next batch.
   *
   * @return false after the last one
   * @throws SignalDbException what the Querier failed with
   */
  public boolean next() {
    try {
      boolean more = stream.next();
      ArrowBuf metadata = stream.getLatestMetadata();
      if (metadata != null) {
        readSummary(metadata);
      }
      return more;
    } catch (FlightRuntimeException e) {
      throw FlightErrors.fromFlight(e);
    }
  }

  /** Passes all batches on, as fast as the client takes them, and ends the client's stream. */
  public void passTo(ServerStreamListener listener, ClientFlow flow) {
    listener.start(batch(), dictionaries());
    while (next()) {
      flow.awaitRoom();
      listener.putNext();
    }
    listener.completed();
  }

  /** The batch moved to; valid until the next move. */
  public VectorSchemaRoot batch() {
    return stream.getRoot();
  }

  /** Of the dictionaries that columns of the batch refer to. */
  public DictionaryProvider dictionaries() {
    return stream.getDictionaryProvider();
  }

  /** What the Querier says about its answer; known after the last batch. */
  public AnswerSummary summary() {
    return summary;
  }

  private void readSummary(ArrowBuf metadata) {
    byte[] bytes = new byte[(int) metadata.readableBytes()];
    metadata.getBytes(metadata.readerIndex(), bytes);
    summary = AnswerSummary.parse(bytes);
  }

  /** Ends the call, also before the last batch. */
  @Override
  public void close() {
    try {
      stream.close();
    } catch (Exception e) {
      throw new SignalDbException(ErrorCode.INTERNAL, "Closing a Querier's answer failed", e);
    }
  }

  private void closeAfter(RuntimeException failure) {
    try {
      close();
    } catch (RuntimeException closing) {
      failure.addSuppressed(closing);
    }
  }
}
