package io.signaldb.querier.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signaldb.common.discovery.ServiceInstance;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.FlightErrors;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.scan.ScanQuery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows that live Writers hold for one question, each Writer's as of a pinned position of its
 * log. A Writer that fails is noted in the query's summary; the others' rows are still read.
 */
final class FreshRows implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FreshRows.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String POSITION = "_position";

  private final QueryScope scope;
  private final WriterStreams writers;
  private final List<Stream> streams = new ArrayList<>();

  private FreshRows(QueryScope scope, WriterStreams writers) {
    this.scope = scope;
    this.writers = writers;
  }

  /**
   * Asks every live Writer and returns once each has pinned its position: a table read from the
   * catalog after that has all rows that are missing here.
   */
  static FreshRows open(
      QueryScope scope, WriterStreams writers, String tenant, String dataset, ScanQuery query) {
    FreshRows rows = new FreshRows(scope, writers);
    Ticket ticket = new Ticket(new QueryTicket.Fresh(tenant, dataset, query).toBytes());
    try {
      for (ServiceInstance service : writers.live()) {
        if (service.type() == ServiceType.WRITER) {
          rows.ask(service, ticket);
        } else if (service.backlog() > 0) {
          scope.incomplete(
              "%d batches wait in Acceptor %s for a Writer"
                  .formatted(service.backlog(), service.address()));
        }
      }
      List.copyOf(rows.streams).forEach(stream -> rows.attempt(stream, stream::pin));
      scope.check();
      return rows;
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  private void ask(ServiceInstance writer, Ticket ticket) {
    try {
      streams.add(new Stream(writer, writers.open(writer, ticket)));
    } catch (RuntimeException e) {
      failed(writer, e);
    }
  }

  /**
   * Hands out the rows of all Writers.
   *
   * @param watermarks rows at or below their Writer's are in a file and not visible
   */
  void read(Map<UUID, Long> watermarks, BatchConsumer consumer) {
    for (Stream stream : List.copyOf(streams)) {
      attempt(stream, () -> stream.read(watermarks, consumer));
    }
    scope.check();
  }

  private void attempt(Stream stream, QueryScope.Step<RuntimeException> step) {
    try {
      scope.run(stream::cancel, step);
    } catch (FlightRuntimeException e) {
      scope.check();
      streams.remove(stream);
      stream.close();
      failed(stream.writer, e);
    }
  }

  private void failed(ServiceInstance writer, RuntimeException failure) {
    SignalDbException coded =
        failure instanceof SignalDbException known ? known : FlightErrors.fromFlight(failure);
    LOG.warn("Writer {} did not answer: {}", writer.address(), coded.getMessage());
    if (coded.code() == ErrorCode.UNAVAILABLE) {
      writers.failed(writer);
    }
    scope.incomplete(
        "Writer %s could not be read: %s".formatted(writer.address(), coded.getMessage()));
  }

  @Override
  public void close() {
    streams.forEach(Stream::close);
    streams.clear();
  }

  /** The answer of one Writer. */
  private final class Stream {
    private final ServiceInstance writer;
    private final FlightStream stream;
    private @Nullable UUID writerId;

    Stream(ServiceInstance writer, FlightStream stream) {
      this.writer = writer;
      this.stream = stream;
    }

    void pin() {
      while (writerId == null && stream.next()) {
        ArrowBuf metadata = stream.getLatestMetadata();
        if (metadata != null) {
          writerId = writerId(metadata);
        }
      }
      if (writerId == null) {
        throw new SignalDbException(
            ErrorCode.INTERNAL, "Writer " + writer.address() + " named no position");
      }
    }

    /** The batch that came with the position is the current one still. */
    void read(Map<UUID, Long> watermarks, BatchConsumer consumer) {
      long watermark = watermarks.getOrDefault(writerId, Long.MIN_VALUE);
      do {
        VectorSchemaRoot batch = stream.getRoot();
        if (batch.getRowCount() > 0) {
          scope.inspected(
              batch.getRowCount(),
              batch.getFieldVectors().stream().mapToLong(v -> v.getBufferSize()).sum());
          BigIntVector positions = (BigIntVector) batch.getVector(POSITION);
          consumer.accept(batch, row -> positions.get(row) > watermark);
        }
        scope.check();
      } while (stream.next());
    }

    void cancel() {
      stream.cancel("The query was stopped", null);
    }

    void close() {
      try {
        stream.cancel("The rest is not needed", null);
        stream.close();
      } catch (Exception e) {
        LOG.warn("Closing the answer of Writer {} failed", writer.address(), e);
      }
    }

    private UUID writerId(ArrowBuf metadata) {
      byte[] bytes = new byte[Math.toIntExact(metadata.readableBytes())];
      metadata.getBytes(metadata.readerIndex(), bytes);
      try {
        JsonNode json = JSON.readTree(bytes);
        return UUID.fromString(json.path("writer_id").asText());
      } catch (IOException | IllegalArgumentException e) {
        throw new SignalDbException(
            ErrorCode.INTERNAL,
            "Writer %s sent malformed metadata; expected JSON with writer_id and position"
                .formatted(writer.address()),
            e);
      }
    }
  }
}
