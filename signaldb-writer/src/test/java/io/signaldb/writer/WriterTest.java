package io.signaldb.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.BatchHeader;
import io.signaldb.common.flight.BatchReply;
import io.signaldb.common.flight.FlightErrors;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.WriteBatch;
import io.signaldb.common.iceberg.Watermarks;
import io.signaldb.common.scan.ComparisonOperator;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Literal;
import io.signaldb.common.scan.Operand;
import io.signaldb.common.scan.ScanQuery;
import io.signaldb.common.schema.Signal;
import io.signaldb.common.service.TestServices;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.AsyncPutListener;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightCallHeaders;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.HeaderCallOption;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriterTest {
  @TempDir Path directory;

  @Test
  void rowsAreVisibleWithTheAckAndInTheTableAfterTheCommit() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      writer.store(Spans.batch(1, Spans.numbered(0, 10)));

      RunningWriter.Fresh fresh = writer.fresh();
      assertThat(fresh.all()).isEqualTo(RunningWriter.spanIds(0, 10));
      assertThat(fresh.pinned()).contains("\"position\":1", "\"writer_id\":");
      assertThat(writer.committed()).isEmpty();

      writer.flush();

      assertThat(writer.fresh().all()).isEmpty();
      List<Record> rows = writer.committed();
      assertThat(RunningWriter.spanIds(rows)).isEqualTo(RunningWriter.spanIds(0, 10));
      assertThat(rows.get(0).getField("service_name")).isEqualTo("shop");
      assertThat(rows.get(0).getField("span_attr_http_route").toString()).startsWith("/items/");
    }
  }

  @Test
  void aCommitHasItsWatermarkInThePropertiesAndInTheSummary() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      writer.store(Spans.batch(1, Spans.numbered(0, 5)));
      writer.store(Spans.batch(2, Spans.numbered(5, 5)));
      writer.flush();

      Table table = writer.table();
      Map<String, String> watermark = Map.of(Watermarks.key(writer.id()), "2");
      assertThat(table.properties()).containsAllEntriesOf(watermark);
      assertThat(table.currentSnapshot().summary()).containsAllEntriesOf(watermark);
      assertThat(table.snapshots()).hasSize(1);
    }
  }

  @Test
  void filesHaveTheMetricsAndThePlaceIcebergPrunesBy() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      writer.store(Spans.batch(1, Spans.numbered(0, 100)));
      writer.flush();

      Table table = writer.table();
      DataFile file = files(table).get(0);
      assertThat(file.recordCount()).isEqualTo(100);
      assertThat(file.location()).contains("/data/timestamp_hour=2026-11-23-12/");
      assertThat(Files.size(io.signaldb.common.iceberg.LocalFileIO.path(file.location())))
          .isEqualTo(file.fileSizeInBytes());
      assertThat(file.splitOffsets()).isNotEmpty();
      assertThat(file.sortOrderId()).isEqualTo(table.sortOrder().orderId());
      int start = table.schema().findField("start_time_unix_nano").fieldId();
      assertThat(file.lowerBounds().get(start))
          .isEqualTo(
              Conversions.toByteBuffer(
                  Types.LongType.get(), Spans.NOON.getEpochSecond() * 1_000_000_000L));
      assertThat(file.nullValueCounts()).containsEntry(start, 0L);
      int route = table.schema().findField("span_attr_http_route").fieldId();
      assertThat(file.lowerBounds()).doesNotContainKey(route);
    }
  }

  @Test
  void rowsOfManyHoursGoIntoOneCommitWithAFileForEach() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      List<Spans.Span> spans = new ArrayList<>();
      for (int hours = 0; hours < 3; hours++) {
        for (int i = 0; i < 4; i++) {
          spans.add(
              new Spans.Span(
                  spans.size(), Spans.NOON.minus(Duration.ofHours(20L * hours)).plusMillis(i)));
        }
      }
      spans.add(new Spans.Span(spans.size(), Spans.NOON.minusNanos(1)));
      writer.store(Spans.batch(1, spans));
      writer.flush();

      Table table = writer.table();
      assertThat(table.snapshots()).hasSize(1);
      assertThat(files(table))
          .extracting(file -> table.spec().partitionToPath(file.partition()))
          .containsExactlyInAnyOrder(
              "timestamp_hour=2026-11-21-20",
              "timestamp_hour=2026-11-22-16",
              "timestamp_hour=2026-11-23-11",
              "timestamp_hour=2026-11-23-12");
      assertThat(writer.committedSpanIds()).isEqualTo(RunningWriter.spanIds(0, 13));
    }
  }

  @Test
  void commitsNeedNoneOfTheMemoryOfQueries() throws Exception {
    Map<String, String> settings = new HashMap<>(RunningWriter.QUIET);
    settings.put("querier.memory_bytes", "1");
    try (RunningWriter writer = RunningWriter.start(directory, settings)) {
      writer.store(Spans.batch(1, Spans.numbered(0, 1_000)));
      writer.flush();

      assertThat(RunningWriter.spanIds(writer.committed()))
          .isEqualTo(RunningWriter.spanIds(0, 1_000));
    }
  }

  @Test
  void aBatchSentAgainIsAcknowledgedAndStoredOnce() throws Exception {
    WriteBatch batch = Spans.batch(7, Spans.numbered(0, 3));
    try (RunningWriter writer = RunningWriter.start(directory)) {
      writer.store(batch);
      writer.store(batch);
      assertThat(writer.fresh().all()).hasSize(3);
      writer.flush();
      writer.store(batch);
      writer.flush();
      assertThat(writer.committedSpanIds()).isEqualTo(RunningWriter.spanIds(0, 3));
    }
    try (RunningWriter writer = RunningWriter.start(directory)) {
      writer.store(batch);
      writer.flush();
      assertThat(writer.committedSpanIds()).isEqualTo(RunningWriter.spanIds(0, 3));
    }
  }

  @Test
  void aBatchIsKnownAfterTheSegmentThatHeldItWasFreed() throws Exception {
    Map<String, String> tinySegments = new HashMap<>(RunningWriter.QUIET);
    tinySegments.put("wal.max_segment_size", "4KiB");
    WriteBatch first = Spans.batch(1, Spans.numbered(0, 50));
    try (RunningWriter writer = RunningWriter.start(directory, tinySegments)) {
      writer.store(first);
      for (int batch = 1; batch < 6; batch++) {
        writer.store(Spans.batch(1 + batch, Spans.numbered(50 * batch, 50)));
      }
      long before = segmentBytes();
      writer.flush();
      assertThat(segmentBytes()).isLessThan(before);
    }
    try (RunningWriter writer = RunningWriter.start(directory, tinySegments)) {
      writer.store(first);
      writer.flush();
      assertThat(writer.committedSpanIds()).isEqualTo(RunningWriter.spanIds(0, 300));
    }
  }

  @Test
  void aRefusedBatchLeavesTheOthersOfItsStreamAlone() throws Exception {
    BatchHeader header = Spans.header(Spans.TENANT, 1, 3);
    byte[] cut = Spans.ipc(Spans.numbered(0, 3)).array();
    WriteBatch malformed = new WriteBatch(header, ByteBuffer.wrap(cut, 0, cut.length / 2).slice());
    WriteBatch miscounted =
        new WriteBatch(Spans.header(Spans.TENANT, 2, 4), Spans.ipc(Spans.numbered(0, 3)));
    WriteBatch ofAnotherVersion =
        withHeader("v9", Signal.TRACES, "traces", Spans.header(Spans.TENANT, 3, 3));
    WriteBatch ofNoTable =
        withHeader("v1", Signal.TRACES, "spans", Spans.header(Spans.TENANT, 4, 3));
    WriteBatch ofAnotherSignal =
        withHeader("v1", Signal.LOGS, "traces", Spans.header(Spans.TENANT, 5, 3));
    WriteBatch ofAnotherTenant =
        Spans.batch(new TenantContext("other", "d", "other", "d"), 6, Spans.numbered(0, 3));
    WriteBatch good = Spans.batch(7, Spans.numbered(0, 3));
    try (RunningWriter writer = RunningWriter.start(directory)) {
      Map<String, BatchReply> replies =
          writer.put(
              malformed,
              miscounted,
              ofAnotherVersion,
              ofNoTable,
              ofAnotherSignal,
              ofAnotherTenant,
              good);

      assertRefused(replies, malformed, ErrorCode.INVALID_ARGUMENT, "not one Arrow record batch");
      assertRefused(replies, miscounted, ErrorCode.INVALID_ARGUMENT, "3 rows, its header says 4");
      assertRefused(replies, ofAnotherVersion, ErrorCode.INVALID_ARGUMENT, "'v9': expected v1");
      assertRefused(replies, ofNoTable, ErrorCode.INVALID_ARGUMENT, "spans");
      assertRefused(replies, ofAnotherSignal, ErrorCode.INVALID_ARGUMENT, "holds traces, not logs");
      assertRefused(replies, ofAnotherTenant, ErrorCode.PERMISSION_DENIED, "other");
      assertThat(replies.get(good.header().batchId().toString()).failure()).isNull();
      assertThat(writer.fresh().all()).isEqualTo(RunningWriter.spanIds(0, 3));
      writer.store(Spans.batch(1, Spans.numbered(3, 3)));
    }
  }

  @Test
  void aMessageWithoutAHeaderEndsItsStreamOnly() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      assertThatThrownBy(() -> writer.putEncoded(new byte[] {1, 2}))
          .hasMessageContaining("INVALID_ARGUMENT")
          .hasMessageContaining("expected a 4-byte header length");

      writer.store(Spans.batch(1, Spans.numbered(0, 1)));
    }
  }

  @Test
  void refusesBatchesWhileUncommittedRowsFillTheirMemory() throws Exception {
    Map<String, String> small = new HashMap<>(RunningWriter.QUIET);
    small.put("writer.max_uncommitted_bytes", "200KiB");
    try (RunningWriter writer = RunningWriter.start(directory, small)) {
      int stored = 0;
      BatchReply reply = null;
      while (reply == null || reply.failure() == null) {
        WriteBatch batch = Spans.batch(stored, Spans.numbered(100 * stored, 100));
        reply = writer.put(batch).get(batch.header().batchId().toString());
        stored++;
      }
      assertThat(stored).isBetween(2, 100);
      SignalDbException failure = Objects.requireNonNull(reply.failure());
      assertThat(failure.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
      assertThat(failure).hasMessageContaining("limit is 204800");
      assertThat(failure.retryAfter()).isPresent();

      writer.flush();

      writer.store(Spans.batch(stored - 1, Spans.numbered(100 * (stored - 1), 100)));
      writer.flush();
      assertThat(writer.committedSpanIds()).isEqualTo(RunningWriter.spanIds(0, 100 * stored));
    }
  }

  @Test
  void commitsByItselfWhenRowsHaveWaitedLongEnough() throws Exception {
    Map<String, String> quick =
        Map.of("writer.commit_interval", "50ms", "writer.commit_max_age", "100ms");
    try (RunningWriter writer = RunningWriter.start(directory, quick)) {
      writer.store(Spans.batch(1, Spans.numbered(0, 2)));
      Eventually.is(writer::committedSpanIds, RunningWriter.spanIds(0, 2));
    }
  }

  @Test
  void commitsByItselfWhenEnoughBytesWait() throws Exception {
    Map<String, String> eager = new HashMap<>(RunningWriter.QUIET);
    eager.put("writer.commit_bytes", "1");
    try (RunningWriter writer = RunningWriter.start(directory, eager)) {
      writer.store(Spans.batch(1, Spans.numbered(0, 2)));
      Eventually.is(writer::committedSpanIds, RunningWriter.spanIds(0, 2));
    }
  }

  @Test
  void commitsWhatItHoldsWhenItIsStopped() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      writer.store(Spans.batch(1, Spans.numbered(0, 2)));
    }
    try (RunningWriter writer = RunningWriter.start(directory)) {
      assertThat(writer.committedSpanIds()).isEqualTo(RunningWriter.spanIds(0, 2));
      assertThat(writer.fresh().all()).isEmpty();
    }
  }

  @Test
  void twoWritersAddToOneTableAndKeepEachOthersWatermarks() throws Exception {
    Map<String, String> shared = new HashMap<>(RunningWriter.QUIET);
    shared.put("schema.catalog_uri", "sqlite://" + directory.resolve("catalog.db"));
    shared.put("storage.dsn", "file://" + directory.resolve("storage"));
    int rounds = 5;
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (RunningWriter a = RunningWriter.start(directory.resolve("a"), shared);
        RunningWriter b = RunningWriter.start(directory.resolve("b"), shared)) {
      List<Future<?>> running = new ArrayList<>();
      for (RunningWriter writer : List.of(a, b)) {
        running.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < rounds; round++) {
                    int batch = writer == a ? round : rounds + round;
                    writer.store(Spans.batch(batch, Spans.numbered(10 * batch, 10)));
                    writer.flush();
                  }
                  return null;
                }));
      }
      for (Future<?> writer : running) {
        writer.get();
      }

      assertThat(a.committedSpanIds()).isEqualTo(RunningWriter.spanIds(0, 20 * rounds));
      assertThat(a.table().properties())
          .containsEntry(Watermarks.key(a.id()), "" + rounds)
          .containsEntry(Watermarks.key(b.id()), "" + rounds);
    } finally {
      threads.shutdown();
    }
  }

  @Test
  @SuppressWarnings("try") // closing a stream may be interrupted
  void anAnswerOfFreshRowsIsNotDisturbedByACommit() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      writer.store(Spans.batch(1, Spans.numbered(0, 20_000)));
      ScanQuery query = new ScanQuery("traces", List.of("span_id"), null, 0, 0, null);
      Ticket ticket = new Ticket(new QueryTicket.Fresh("default", "default", query).toBytes());
      int rows = 0;
      try (FlightStream stream = writer.client().getStream(ticket)) {
        VectorSchemaRoot root = stream.getRoot();
        assertThat(stream.next()).isTrue();
        assertThat(stream.getLatestMetadata().readableBytes()).isPositive();
        assertThat(root.getRowCount()).isZero();

        writer.flush();
        writer.store(Spans.batch(2, Spans.numbered(20_000, 10)));

        while (stream.next()) {
          rows += root.getRowCount();
        }
      }
      assertThat(rows).isEqualTo(20_000);
      assertThat(writer.fresh().all()).isEqualTo(RunningWriter.spanIds(20_000, 10));
    }
  }

  @Test
  void freshRowsAreFilteredByTheQuery() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      writer.store(Spans.batch(1, Spans.numbered(0, 8)));
      Condition second =
          new Condition.Compare(
              new Operand.ColumnRef("trace_id"),
              ComparisonOperator.EQUAL,
              new Literal.Text(Spans.numbered(4, 1).get(0).traceId()));

      assertThat(
              writer.fresh(new ScanQuery("traces", List.of("span_id"), second, 0, 0, null)).all())
          .isEqualTo(RunningWriter.spanIds(4, 4));
    }
  }

  @Test
  void freshRowsOfATableWithoutAnyAreAnEmptyAnswer() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      RunningWriter.Fresh fresh = writer.fresh();
      assertThat(fresh.all()).isEmpty();
      assertThat(fresh.pinned()).contains("\"position\":0");
    }
  }

  @Test
  void refusesOtherTicketsAndOtherActions() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      QueryTicket ticket = new QueryTicket.FindTrace("default", "default", "1", null, null);
      assertThatThrownBy(() -> read(writer, ticket.toBytes()))
          .extracting(e -> FlightErrors.fromFlight(e).code())
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
      QueryTicket foreign =
          new QueryTicket.Fresh(
              "other", "default", new ScanQuery("traces", List.of(), null, 0, 0, null));
      assertThatThrownBy(() -> read(writer, foreign.toBytes()))
          .extracting(e -> FlightErrors.fromFlight(e).code())
          .isEqualTo(ErrorCode.PERMISSION_DENIED);
      assertThatThrownBy(() -> writer.client().doAction(new Action("drop")).next())
          .hasMessageContaining("'drop': expected flush");
      assertThatThrownBy(() -> read(writer, "x".getBytes(StandardCharsets.UTF_8)))
          .extracting(e -> FlightErrors.fromFlight(e).code())
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
  }

  @Test
  void flushTakesTheServiceKeyAndNoTenantsKey() throws Exception {
    Map<String, String> settings = new HashMap<>(RunningWriter.QUIET);
    settings.put("auth.enabled", "true");
    settings.put("auth.internal_service_key", "sk-services");
    settings.put(
        "auth.tenants",
        "[{id = 'default', slug = 'default', name = 'Default', default_dataset = 'default',"
            + " datasets = [{id = 'default', slug = 'default'}],"
            + " api_keys = [{key = 'sk-tenant'}]}]");
    SignalDbConfig config = TestServices.config(directory, settings);
    try (RunningWriter writer =
        RunningWriter.start(config, UnaryOperator.identity(), key("sk-services"))) {
      writer.store(Spans.batch(1, Spans.numbered(0, 3)));

      assertThatThrownBy(
              () -> writer.client().doAction(new Action("flush"), key("sk-tenant")).next())
          .satisfies(
              e ->
                  assertThat(FlightErrors.fromFlight(e).code())
                      .isEqualTo(ErrorCode.PERMISSION_DENIED))
          .hasMessageContaining("'flush': expected the internal service key");
      assertThat(writer.fresh().all()).hasSize(3);

      writer.flush();
      assertThat(RunningWriter.spanIds(writer.committed())).hasSize(3);
    }
  }

  private static CallOption key(String key) {
    FlightCallHeaders headers = new FlightCallHeaders();
    headers.insert("authorization", "Bearer " + key);
    return new HeaderCallOption(headers);
  }

  @Test
  void takesPlainArrowBatchesForTheCallersTenant() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory)) {
      try (VectorSchemaRoot root = Spans.root(writer.allocator(), Spans.numbered(0, 6))) {
        FlightClient.ClientStreamListener stream =
            writer
                .client()
                .startPut(FlightDescriptor.command(new byte[0]), root, new AsyncPutListener());
        stream.putNext();
        stream.putNext();
        stream.completed();
        stream.getResult();
      }
      assertThat(writer.fresh().all()).hasSize(12);
    }
  }

  @Test
  void refusesPlainArrowBatchesForAnotherTenant() throws Exception {
    try (RunningWriter writer = RunningWriter.start(directory);
        VectorSchemaRoot root = Spans.root(writer.allocator(), Spans.numbered(0, 6))) {
      FlightClient.ClientStreamListener stream =
          writer
              .client()
              .startPut(
                  FlightDescriptor.command(
                      "{\"tenant_id\":\"other\"}".getBytes(StandardCharsets.UTF_8)),
                  root,
                  new AsyncPutListener());
      stream.putNext();
      stream.completed();

      assertThatThrownBy(stream::getResult).hasMessageContaining("'other' is not the caller's");
      assertThat(writer.fresh().all()).isEmpty();
    }
  }

  private static void assertRefused(
      Map<String, BatchReply> replies, WriteBatch batch, ErrorCode code, String message) {
    BatchReply reply = replies.get(batch.header().batchId().toString());
    assertThat(reply.failure()).as("reply to %s", batch.header()).isNotNull();
    assertThat(reply.failure().code()).isEqualTo(code);
    assertThat(reply.failure()).hasMessageContaining(message);
  }

  private static WriteBatch withHeader(
      String version, Signal signal, String table, BatchHeader header) {
    return new WriteBatch(
        new BatchHeader(version, signal, table, header.tenant(), header.batchId(), header.rows()),
        Spans.ipc(Spans.numbered(0, 3)));
  }

  @SuppressWarnings("try") // closing a stream may be interrupted
  private static void read(RunningWriter writer, byte[] ticket) throws Exception {
    try (FlightStream stream = writer.client().getStream(new Ticket(ticket))) {
      while (stream.next()) {
        stream.getRoot();
      }
    }
  }

  private static List<DataFile> files(Table table) throws Exception {
    List<DataFile> files = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().includeColumnStats().planFiles()) {
      tasks.forEach(task -> files.add(task.file()));
    }
    return files;
  }

  private long segmentBytes() throws Exception {
    try (Stream<Path> files = Files.walk(directory.resolve("wal/writer/default"))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
