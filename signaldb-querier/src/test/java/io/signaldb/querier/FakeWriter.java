package io.signaldb.querier;

import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.flight.FlightErrors;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.iceberg.IcebergTables;
import io.signaldb.common.iceberg.Watermarks;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.scan.Sql;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.tenant.TenantContext;
import io.signaldb.datafusion.DataFrame;
import io.signaldb.datafusion.DataFusionRuntime;
import io.signaldb.datafusion.MemoryTable;
import io.signaldb.datafusion.ParquetFileInfo;
import io.signaldb.datafusion.ParquetWriteOptions;
import io.signaldb.datafusion.RuntimeOptions;
import io.signaldb.datafusion.SessionContext;
import io.signaldb.datafusion.StagedBatch;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/**
 * As much of a Writer as a Querier sees: spans it holds are served as fresh rows, and committed
 * when a test says so. The tables are those of dataset default of tenant default.
 */
final class FakeWriter implements Component {
  private static final TenantContext TENANT =
      new TenantContext("default", "default", "default", "default");
  private static final String[] BATCHES = {"batches"};

  private final UUID id = UUID.randomUUID();
  private final TableSchema schema;
  private final BufferAllocator allocator;
  private final IcebergTables iceberg;
  private final DataFusionRuntime runtime;
  private final MemoryTable held;
  private final List<TestSpan> uncommitted = new ArrayList<>();
  private final Component service;
  private long position;
  private long committed;
  private boolean forgetting = true;
  private volatile Runnable beforeAnswer = () -> {};

  FakeWriter(ServiceContext context, IcebergTables iceberg) {
    schema = context.schemas().table("traces");
    allocator = context.childAllocator("fake-writer");
    this.iceberg = iceberg;
    runtime =
        DataFusionRuntime.open(
            new RuntimeOptions(
                512 << 20,
                null,
                2,
                Map.of("datafusion.optimizer.enable_round_robin_repartition", "false")));
    held = MemoryTable.create(runtime, schema.wireArrow(), schema.storageExpressions(), "trace_id");
    FlightEndpoint flight = context.flightEndpoint("writer", "127.0.0.1", 0, new FreshRows());
    service = Component.sequence(flight, context.register(ServiceType.WRITER, flight::address));
  }

  @Override
  public void start() throws Exception {
    service.start();
  }

  /** Committed rows stay visible as fresh ones: a Writer that has not yet let go of them. */
  void keepCommittedRows() {
    forgetting = false;
  }

  /** What to do when a Querier asks, before it is answered. */
  void beforeAnswer(Runnable action) {
    beforeAnswer = action;
  }

  /** Takes spans as one batch. */
  void hold(TestSpan... spans) {
    hold(List.of(spans));
  }

  void hold(List<TestSpan> spans) {
    try (StagedBatch batch = held.stage(SpanBatch.ipc(schema, allocator, spans))) {
      batch.publish(++position);
    }
    uncommitted.addAll(spans);
  }

  /** Commits what is held as one file, in one transaction with the watermark. */
  void commit() {
    commitAsFileOf(uncommitted.size());
  }

  /**
   * As {@link #commit}, of a file that has as many rows for all that its table tells: how much of a
   * table is read at once depends on it.
   */
  void commitAsFileOf(long rows) {
    Table table = iceberg.loadOrCreate(TENANT, schema);
    String location = table.locationProvider().newDataLocation(UUID.randomUUID() + ".parquet");
    ParquetFileInfo written =
        held.writeParquet(
            committed,
            position,
            "",
            IcebergTables.url(location),
            ParquetWriteOptions.sorted(
                    TableSchema.arrowWithFieldIds(table.schema()), schema.sortBy())
                .withBloomFilterColumns(List.of("trace_id")));
    long hour = uncommitted.get(0).startUnixNano() / (3600 * TestSpan.SECOND);
    DataFile file =
        DataFiles.builder(table.spec())
            .withPath(location)
            .withFormat(FileFormat.PARQUET)
            .withPartitionValues(List.of(Long.toString(hour)))
            .withFileSizeInBytes(written.bytes())
            .withMetrics(metrics(table.schema(), rows))
            .build();
    Transaction transaction = table.newTransaction();
    transaction.newAppend().appendFile(file).commit();
    transaction.updateProperties().set(Watermarks.key(id), Long.toString(position)).commit();
    transaction.commitTransaction();
    committed = position;
    uncommitted.clear();
    if (forgetting) {
      held.dropThrough(position);
    }
  }

  private Metrics metrics(Schema table, long rows) {
    int start = table.findField("start_time_unix_nano").fieldId();
    int traceId = table.findField("trace_id").fieldId();
    var starts = uncommitted.stream().mapToLong(TestSpan::startUnixNano).summaryStatistics();
    List<String> ids = uncommitted.stream().map(TestSpan::traceId).sorted().toList();
    return new Metrics(
        rows,
        null,
        null,
        null,
        null,
        Map.of(
            start, Conversions.toByteBuffer(Types.LongType.get(), starts.getMin()),
            traceId, Conversions.toByteBuffer(Types.StringType.get(), ids.get(0))),
        Map.of(
            start, Conversions.toByteBuffer(Types.LongType.get(), starts.getMax()),
            traceId, Conversions.toByteBuffer(Types.StringType.get(), ids.get(ids.size() - 1))));
  }

  @Override
  public void close() {
    service.close();
    held.close();
    runtime.close();
    allocator.close();
  }

  private final class FreshRows extends NoOpFlightProducer {
    @Override
    public void getStream(CallContext context, Ticket ticket, ServerStreamListener listener) {
      beforeAnswer.run();
      try (SessionContext session = runtime.newSession()) {
        QueryTicket.Fresh fresh = (QueryTicket.Fresh) QueryTicket.parse(ticket.getBytes());
        session.registerMemoryTable(BATCHES, held, 0, position);
        Sql sql = fresh.query().toSql(schema, BATCHES[0], "_position");
        try (DataFrame query = session.sql(sql.text(), sql.params());
            ArrowReader reader = query.executeStream(allocator)) {
          listener.start(reader.getVectorSchemaRoot());
          listener.putMetadata(pin());
          while (reader.loadNextBatch()) {
            listener.putNext();
          }
          listener.completed();
        }
      } catch (Exception e) {
        listener.error(FlightErrors.toFlight(e));
      }
    }

    private ArrowBuf pin() {
      byte[] json =
          "{\"writer_id\":\"%s\",\"position\":%d}"
              .formatted(id, position)
              .getBytes(StandardCharsets.UTF_8);
      ArrowBuf buffer = allocator.buffer(json.length);
      buffer.writeBytes(json);
      return buffer;
    }
  }
}
