package io.signaldb.router.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.FlightErrors;
import java.io.IOException;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.jspecify.annotations.Nullable;

/** The rows a Querier answers with, batch by batch. Not thread-safe. */
public final class Answer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final FlightStream stream;
  private Summary summary = Summary.UNKNOWN;

  private Answer(FlightStream stream) {
    this.stream = stream;
  }

  /**
   * What the Querier says about its answer; it comes with the first batch.
   *
   * @param incomplete why rows may be missing, null for a complete answer
   */
  public record Summary(long inspectedSpans, long inspectedBytes, @Nullable String incomplete) {
    static final Summary UNKNOWN = new Summary(0, 0, null);
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

  /** The batch moved to; valid until the next move. */
  public VectorSchemaRoot batch() {
    return stream.getRoot();
  }

  /** Of the dictionaries that columns of the batch refer to. */
  public DictionaryProvider dictionaries() {
    return stream.getDictionaryProvider();
  }

  /** What is known after the batches read so far. */
  public Summary summary() {
    return summary;
  }

  private void readSummary(ArrowBuf metadata) {
    byte[] bytes = new byte[(int) metadata.readableBytes()];
    metadata.getBytes(metadata.readerIndex(), bytes);
    try {
      JsonNode json = JSON.readTree(bytes);
      boolean complete = json.path("complete").asBoolean(true);
      summary =
          new Summary(
              json.path("inspected_spans").asLong(),
              json.path("inspected_bytes").asLong(),
              complete ? null : json.path("reason").asText("some rows could not be read"));
    } catch (IOException e) {
      throw new SignalDbException(
          ErrorCode.INTERNAL, "The Querier's answer has metadata that is not JSON", e);
    }
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
