package io.signaldb.writer;

import io.signaldb.common.engine.Engine;
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
import io.signaldb.datafusion.SessionContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.Types;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

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
    if (held.isEmpty()) {
      sendNothing(position, listener);
      return;
    }
    try (SessionContext session = engine.runtime().newSession()) {
      session.registerMemoryTable(SOURCE, held.get().memory(), 0, position);
      try (DataFrame rows = query(session, schema, ticket.query())) {
        send(rows, position, listener);
      }
    } catch (DataFusionException e) {
      throw coded(e);
    }
  }

  /** The rows asked for with their position; without columns all that have a value. */
  private static DataFrame query(SessionContext session, TableSchema schema, ScanQuery query) {
    if (query.newestTraces() != null || query.distinct() != null) {
      Sql sql = query.toSql(schema, SOURCE[0], POSITION);
      return session.sql(sql.text(), sql.params());
    }
    List<String> columns = new ArrayList<>(query.columns());
    if (!columns.isEmpty()) {
      columns.add(POSITION);
    }
    Sql filter = query.filter(schema);
    return session.select(SOURCE, columns, filter.text(), filter.params());
  }

  private void send(DataFrame rows, long position, ServerStreamListener listener)
      throws IOException {
    ClientFlow flow = new ClientFlow(listener, CLIENT_PATIENCE, rows::cancel);
    try (ArrowReader reader = rows.executeStream(allocator)) {
      listener.start(reader.getVectorSchemaRoot());
      listener.putMetadata(pin(position));
      while (reader.loadNextBatch()) {
        flow.awaitRoom();
        listener.putNext();
      }
      listener.completed();
    }
  }

  private void sendNothing(long position, ServerStreamListener listener) {
    Schema none =
        new Schema(List.of(Field.notNullable(POSITION, Types.MinorType.BIGINT.getType())));
    try (VectorSchemaRoot root = VectorSchemaRoot.create(none, allocator)) {
      listener.start(root);
      listener.putMetadata(pin(position));
      listener.completed();
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
