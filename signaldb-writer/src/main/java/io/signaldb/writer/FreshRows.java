package io.signaldb.writer;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.ClientFlow;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.scan.ScanQuery;
import io.signaldb.common.scan.Sql;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.wal.WalRoot;
import io.signaldb.datafusion.DataFrame;
import io.signaldb.datafusion.DataFusionException;
import io.signaldb.datafusion.MemoryTable;
import io.signaldb.datafusion.SessionContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;

/**
 * Answers {@code fresh:} tickets with the rows that are in no file yet. The first message says
 * whose log this is and up to which position the answer goes: rows published later are not in it,
 * and rows committed since are in it or in the table as it was when the message was sent.
 * Thread-safe.
 */
final class FreshRows {
  private static final String[] SOURCE = {"batches"};
  private static final String POSITION = "_position";
  private static final Duration CLIENT_PATIENCE = Duration.ofSeconds(60);

  private final HeldTables tables;
  private final Schemas schemas;
  private final Engine engine;
  private final WalRoot root;
  private final BufferAllocator allocator;

  /**
   * @param allocator borrowed
   */
  FreshRows(
      HeldTables tables, Schemas schemas, Engine engine, WalRoot root, BufferAllocator allocator) {
    this.tables = tables;
    this.schemas = schemas;
    this.engine = engine;
    this.root = root;
    this.allocator = allocator;
  }

  /** Sends the whole answer. */
  void serve(QueryTicket.Fresh ticket, ServerStreamListener listener) throws IOException {
    TableSchema schema = schemas.table(ticket.query().table());
    Optional<TableRows> held =
        tables.find(ticket.tenantSlug(), ticket.datasetSlug(), schema.name());
    // Before the view is planned: what is published between is cut off by the bound.
    long position = held.map(TableRows::published).orElse(0L);
    try (SessionContext session = engine.runtime().newSession()) {
      if (held.isPresent()) {
        session.registerMemoryTable(SOURCE, held.get().memory(), 0, position);
        send(session, sql(schema, needed(session, schema, ticket.query())), position, listener);
      } else {
        try (MemoryTable empty = MemoryTable.create(engine.runtime(), schema.wireArrow(), null)) {
          session.registerMemoryTable(SOURCE, empty, 0, position);
          send(session, sql(schema, narrow(schema, ticket.query())), position, listener);
        }
      }
    } catch (DataFusionException e) {
      throw coded(e);
    }
  }

  /**
   * The query, or one for fewer columns if there is nothing to answer: to plan a query for all
   * columns takes longer than to look.
   */
  private ScanQuery needed(SessionContext session, TableSchema schema, ScanQuery query)
      throws IOException {
    if (query.distinct() != null || !query.columns().isEmpty()) {
      return query;
    }
    ScanQuery narrow = narrow(schema, query);
    Sql sql = sql(schema, narrow);
    try (DataFrame rows = session.sql(sql.text() + " LIMIT 1", sql.params());
        ArrowReader reader = rows.executeStream(allocator)) {
      while (reader.loadNextBatch()) {
        if (reader.getVectorSchemaRoot().getRowCount() > 0) {
          return query;
        }
      }
    }
    return narrow;
  }

  /** The query for one column. */
  private static ScanQuery narrow(TableSchema schema, ScanQuery query) {
    return new ScanQuery(
        query.table(),
        List.of(schema.sortBy().get(0)),
        query.where(),
        query.startUnixNano(),
        query.endUnixNano(),
        query.newestTraces());
  }

  private static Sql sql(TableSchema schema, ScanQuery query) {
    String projection = schema.storageProjection(query.columnsRead(schema));
    return query.toSql(
        schema, "(SELECT %s, %s FROM batches)".formatted(projection, POSITION), POSITION);
  }

  private void send(SessionContext session, Sql sql, long position, ServerStreamListener listener)
      throws IOException {
    try (DataFrame query = session.sql(sql.text(), sql.params())) {
      ClientFlow flow = new ClientFlow(listener, CLIENT_PATIENCE, query::cancel);
      try (ArrowReader reader = query.executeStream(allocator)) {
        listener.start(reader.getVectorSchemaRoot());
        listener.putMetadata(pin(position));
        while (reader.loadNextBatch()) {
          flow.awaitRoom();
          listener.putNext();
        }
        listener.completed();
      }
    }
  }

  private ArrowBuf pin(long position) {
    byte[] json =
        "{\"writer_id\":\"%s\",\"position\":%d}"
            .formatted(root.id(), position)
            .getBytes(StandardCharsets.UTF_8);
    ArrowBuf buffer = allocator.buffer(json.length);
    buffer.writeBytes(json);
    return buffer;
  }

  private static SignalDbException coded(DataFusionException e) {
    ErrorCode code =
        switch (e.kind()) {
          case RESOURCES -> ErrorCode.RESOURCE_EXHAUSTED;
          case CANCELLED -> ErrorCode.CANCELLED;
          case CLOSED -> ErrorCode.UNAVAILABLE;
          case PLAN, EXECUTION, IO, PANIC, ARGUMENT, UNSUPPORTED -> ErrorCode.INTERNAL;
        };
    return new SignalDbException(code, "Fresh rows cannot be read: " + e.getMessage(), e);
  }
}
