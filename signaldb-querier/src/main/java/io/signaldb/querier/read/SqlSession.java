package io.signaldb.querier.read;

import io.signaldb.common.discovery.ServiceInstance;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.iceberg.TableSnapshot;
import io.signaldb.common.scan.ScanQuery;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.datafusion.DataFrame;
import io.signaldb.datafusion.DataFusionException;
import io.signaldb.datafusion.FileRef;
import io.signaldb.datafusion.QueryDescription;
import io.signaldb.datafusion.SessionContext;
import io.signaldb.datafusion.TableScan;
import io.signaldb.querier.read.TraceTable.Dataset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** One statement over the tables of a tenant. Used by one thread. */
public final class SqlSession implements AutoCloseable {
  private final QueryScope scope;
  private final SessionContext session;
  private final String text;
  private final Map<List<String>, TableSchema> tables;
  private final SqlTables source;

  /**
   * @param session with the tables, empty; closed with this
   * @param tables by catalog, schema and name
   */
  SqlSession(
      QueryScope scope,
      SessionContext session,
      String text,
      Map<List<String>, TableSchema> tables,
      SqlTables source) {
    this.scope = scope;
    this.session = session;
    this.text = text;
    this.tables = tables;
    this.source = source;
  }

  /** Takes an answer. */
  public interface Answer {
    /** Called once, before the batches. */
    void begins(Schema schema);

    /**
     * @param batch valid during the call
     */
    void batch(VectorSchemaRoot batch);
  }

  /**
   * What the statement asks for and, without placeholders, answers with.
   *
   * @throws SignalDbException what {@link StatementErrors} makes of it
   */
  public QueryDescription describe() {
    try (DataFrame frame = session.sql(text)) {
      QueryDescription[] found = new QueryDescription[1];
      scope.run(frame::cancel, () -> found[0] = frame.describe());
      return found[0].placeholders().isEmpty()
          ? new QueryDescription(List.of(), answer(List.of()))
          : found[0];
    } catch (DataFusionException e) {
      throw StatementErrors.coded(scope, e);
    }
  }

  /**
   * The columns of the answer.
   *
   * @param values of the placeholders
   * @throws SignalDbException what {@link StatementErrors} makes of it
   */
  public Schema answer(List<? extends @Nullable Object> values) {
    Schema[] schema = new Schema[1];
    try (DataFrame frame = session.sql(text, values)) {
      scope.run(
          frame::cancel,
          () -> {
            // Of tables without rows; it plans just as it would with rows.
            try (ArrowReader reader = frame.executeStream(scope.allocator())) {
              schema[0] = reader.getVectorSchemaRoot().getSchema();
            }
          });
      return schema[0];
    } catch (DataFusionException e) {
      throw StatementErrors.coded(scope, e);
    } catch (IOException e) {
      throw scope.failure(e);
    }
  }

  /**
   * Runs the statement.
   *
   * @param values of the placeholders
   * @throws SignalDbException what {@link StatementErrors} makes of it; UNAVAILABLE if the rows of
   *     a Writer cannot be had
   */
  public void run(List<? extends @Nullable Object> values, Answer answer) {
    try (DataFrame frame = session.sql(text, values)) {
      List<TableScan> scans = new ArrayList<>();
      scope.run(frame::cancel, () -> scans.addAll(frame.scans()));
      load(scans);
      scope.run(frame::cancel, () -> stream(frame, answer));
    } catch (DataFusionException e) {
      throw StatementErrors.coded(scope, e);
    } catch (IOException e) {
      throw scope.failure(e);
    }
  }

  private void stream(DataFrame frame, Answer answer) throws IOException {
    try (ArrowReader reader = frame.executeStream(scope.allocator())) {
      answer.begins(reader.getVectorSchemaRoot().getSchema());
      while (reader.loadNextBatch()) {
        scope.check();
        answer.batch(reader.getVectorSchemaRoot());
      }
    }
  }

  /** Adds the rows to the tables: the Writers of all of them pin their positions first. */
  private void load(List<TableScan> scans) {
    Map<List<String>, Set<String>> used = new LinkedHashMap<>();
    for (TableScan scan : scans) {
      List<String> name = List.of(scan.catalog(), scan.schema(), scan.table());
      if (tables.containsKey(name)) {
        used.computeIfAbsent(name, any -> new LinkedHashSet<>()).addAll(scan.columns());
      }
    }
    List<FreshRows> opened = new ArrayList<>();
    try {
      used.forEach((name, columns) -> opened.add(fresh(name, columns)));
      int next = 0;
      for (List<String> name : used.keySet()) {
        load(name, opened.get(next++));
      }
    } finally {
      opened.forEach(FreshRows::close);
    }
    String missing = scope.summary().incomplete();
    if (missing != null) {
      throw new SignalDbException(
          ErrorCode.UNAVAILABLE, "The answer would lack rows: %s; retry".formatted(missing));
    }
  }

  private FreshRows fresh(List<String> name, Set<String> columns) {
    TableSchema table = table(name);
    // All columns are asked for as such: batches then come without those that have no value.
    List<String> wanted =
        columns.size() == table.storage().size()
            ? List.of()
            : columns.isEmpty() ? List.of(table.storage().get(0).name()) : List.copyOf(columns);
    ScanQuery query = new ScanQuery(table.name(), wanted, null, 0, 0, null);
    return FreshRows.open(
        scope, new OnlyWriters(source.writers()), name.get(0), name.get(1), query);
  }

  private void load(List<String> name, FreshRows fresh) {
    TableSchema table = table(name);
    Dataset dataset = new Dataset(name.get(0), name.get(1));
    String[] union = name.toArray(String[]::new);
    Optional<TableSnapshot> snapshot =
        source.snapshots().current(dataset.tenantSlug(), dataset.slug(), table.name());
    List<TableFile> files = snapshot.map(source.plans()::files).orElse(List.of());
    if (!files.isEmpty()) {
      source.reach(dataset);
      List<FileRef> refs = files.stream().map(TableFile::ref).toList();
      scope.inspected(
          files.stream().mapToLong(TableFile::rows).sum(),
          refs.stream().mapToLong(FileRef::size).sum());
      session.addParquet(union, refs, table.sortBy());
    }
    addFresh(union, table, fresh, snapshot.map(TableSnapshot::watermarks).orElse(Map.of()));
  }

  /** Batches of different Writers may have different columns. */
  private void addFresh(
      String[] union, TableSchema table, FreshRows fresh, Map<UUID, Long> watermarks) {
    Map<Schema, RowBuffer> buffers = new LinkedHashMap<>();
    try {
      fresh.read(
          watermarks,
          (batch, visible) -> {
            VectorSchemaRoot stored = stored(table, batch);
            buffers
                .computeIfAbsent(stored.getSchema(), any -> new RowBuffer(scope.allocator()))
                .add(stored, visible);
          });
      for (RowBuffer buffer : buffers.values()) {
        session.addReader(union, scope.allocator(), buffer);
      }
    } finally {
      for (RowBuffer buffer : buffers.values()) {
        close(buffer);
      }
    }
  }

  private void close(RowBuffer buffer) {
    try {
      buffer.close();
    } catch (IOException e) {
      throw scope.failure(e);
    }
  }

  /** The batch without what is no column of the table: its position in the log. */
  private static VectorSchemaRoot stored(TableSchema table, VectorSchemaRoot batch) {
    List<FieldVector> vectors =
        batch.getFieldVectors().stream()
            .filter(vector -> table.storageColumn(vector.getName()).isPresent())
            .toList();
    return new VectorSchemaRoot(
        vectors.stream().map(FieldVector::getField).toList(), vectors, batch.getRowCount());
  }

  private TableSchema table(List<String> name) {
    TableSchema table = tables.get(name);
    if (table == null) {
      throw new IllegalArgumentException("No table " + name);
    }
    return table;
  }

  @Override
  public void close() {
    session.close();
  }

  /** What waits in an Acceptor has not been acknowledged and is not missing from an answer. */
  private record OnlyWriters(WriterStreams all) implements WriterStreams {
    @Override
    public List<ServiceInstance> live() {
      return all.live().stream().filter(service -> service.type() == ServiceType.WRITER).toList();
    }

    @Override
    public FlightStream open(ServiceInstance writer, Ticket ticket) {
      return all.open(writer, ticket);
    }

    @Override
    public void failed(ServiceInstance writer) {
      all.failed(writer);
    }
  }
}
