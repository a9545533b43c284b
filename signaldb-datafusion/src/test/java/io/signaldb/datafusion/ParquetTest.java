package io.signaldb.datafusion;

import static io.signaldb.datafusion.QueryTest.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.datafusion.DataFusionException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.SortingColumn;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetTest {
  private static final String[] TABLE = {"t"};
  private static final Schema SPANS =
      Engine.schema(
          field(1, "trace_id", false, Engine.TEXT),
          field(2, "span_name", false, Engine.TEXT),
          field(3, "duration", true, Engine.LONG),
          field(4, "ratio", true, new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
          field(5, "is_root", true, ArrowType.Bool.INSTANCE),
          field(6, "hour", true, Engine.INT),
          field(7, "timestamp", false, new ArrowType.Timestamp(TimeUnit.MICROSECOND, null)),
          field(
              8,
              "attributes",
              true,
              new ArrowType.Map(false),
              field(
                  0,
                  "entries",
                  false,
                  ArrowType.Struct.INSTANCE,
                  field(9, "key", false, Engine.TEXT),
                  field(10, "value", true, Engine.TEXT))),
          field(
              11,
              "events",
              true,
              ArrowType.List.INSTANCE,
              field(
                  12,
                  "element",
                  true,
                  ArrowType.Struct.INSTANCE,
                  field(13, "time", true, Engine.LONG),
                  field(14, "name", true, Engine.TEXT))),
          field(15, "never", true, Engine.TEXT));

  @TempDir private Path directory;
  private final Engine engine = new Engine();
  private SessionContext session;

  private static Field field(int id, String name, boolean nullable, ArrowType type, Field... of) {
    Map<String, String> metadata =
        id == 0 ? Map.of() : Map.of("PARQUET:field_id", Integer.toString(id));
    return new Field(name, new FieldType(nullable, type, null, metadata), Arrays.asList(of));
  }

  @BeforeEach
  void open() {
    session = engine.runtime.newSession();
  }

  @AfterEach
  void nothingIsLeft() {
    session.close();
    engine.close();
  }

  /** Rows in no order: trace ids t000 to t199, five spans each. */
  private static String spans(int count) {
    return """
        SELECT 't' || lpad(CAST((value * 7) %% 200 AS VARCHAR), 3, '0') AS trace_id,
          'span ' || value AS span_name, value AS duration, CAST(value AS DOUBLE) / 4 AS ratio,
          value %% 5 = 0 AS is_root, CAST(value %% 24 AS INT) AS hour,
          arrow_cast(1700000000000000 + value, 'Timestamp(Microsecond, None)') AS timestamp,
          CASE WHEN value %% 2 = 0 THEN MAP(['http.method', 'n'], ['GET', CAST(value AS VARCHAR)]) END AS attributes,
          [named_struct('name', 'e' || value, 'time', value)] AS events,
          CAST(NULL AS VARCHAR) AS never
        FROM generate_series(1, %d)
        """
        .formatted(count);
  }

  private ParquetFileInfo write(String sql, Path file, ParquetWriteOptions options) {
    try (DataFrame frame = session.sql(sql)) {
      return frame.writeParquet(file.toUri().toString(), options);
    }
  }

  private void register(Schema schema, List<String> sortedBy, Path... files) throws IOException {
    List<FileRef> references = new ArrayList<>();
    for (Path file : files) {
      references.add(new FileRef(file.toUri().toString(), Files.size(file)));
    }
    session.registerParquet(TABLE, schema, references, sortedBy);
  }

  private List<@Nullable Object> column(String sql, Object... params) {
    return engine.column(session, sql, params);
  }

  private static FileMetaData metadata(ByteBuffer footer) throws IOException {
    byte[] bytes = new byte[footer.remaining()];
    footer.get(bytes);
    int length = bytes.length - 8;
    assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(length))
        .isEqualTo(length);
    assertThat(new String(bytes, length + 4, 4, StandardCharsets.US_ASCII)).isEqualTo("PAR1");
    return Util.readFileMetaData(new ByteArrayInputStream(bytes, 0, length));
  }

  @Test
  void readsBackWhatItWrote() throws Exception {
    Path file = directory.resolve("a b/ä%20/spans.parquet");
    ParquetFileInfo info =
        write(
            spans(1000), file, ParquetWriteOptions.sorted(SPANS, List.of("trace_id", "duration")));
    assertThat(info.rows()).isEqualTo(1000);
    assertThat(info.bytes()).isEqualTo(Files.size(file));
    register(SPANS, List.of("trace_id", "duration"), file);
    assertThat(engine.query(session, "SELECT * FROM t WHERE span_name = 'span 130'").toString())
        .isEqualTo(
            "[{trace_id=t110, span_name=span 130, duration=130, ratio=32.5, is_root=true, hour=10, timestamp=2023-11-14T22:13:20.000130, "
                + "attributes=[{\"key\":\"http.method\",\"value\":\"GET\"},{\"key\":\"n\",\"value\":\"130\"}], events=[{\"time\":130,\"name\":\"e130\"}], never=null}]");
    assertThat(column("SELECT count(*) FROM t WHERE attributes['n'] = '130'")).containsExactly(1L);
    assertThat(column("SELECT events[1]['name'] FROM t WHERE duration = 7")).containsExactly("e7");
    assertThat(column("SELECT count(*) FROM t WHERE attributes IS NULL")).containsExactly(500L);
    assertThat(column("SELECT DISTINCT trace_id FROM t")).hasSize(200);
    assertThat(column("SELECT trace_id FROM t ORDER BY trace_id LIMIT 6"))
        .containsExactly("t000", "t000", "t000", "t000", "t000", "t001");
    List<Object> unordered =
        column("SELECT trace_id || lpad(CAST(duration AS VARCHAR), 4, '0') FROM t");
    assertThat(unordered).isSortedAccordingTo((a, b) -> a.toString().compareTo(b.toString()));
  }

  @Test
  void findsTheFilesThatMayHaveAValue() throws IOException {
    Path low = directory.resolve("low.parquet");
    Path high = directory.resolve("high.parquet");
    Path without = directory.resolve("without.parquet");
    ParquetWriteOptions plain = ParquetWriteOptions.sorted(SPANS, List.of("trace_id"));
    ParquetWriteOptions bloom =
        plain.withBloomFilterColumns(List.of("trace_id")).withRowGroupRows(100);
    write("SELECT * FROM (" + spans(1000) + ") WHERE trace_id < 't100'", low, bloom);
    write("SELECT * FROM (" + spans(1000) + ") WHERE trace_id >= 't100'", high, bloom);
    write(spans(10), without, plain);
    List<FileRef> files = new ArrayList<>();
    for (Path file : List.of(low, high, without)) {
      files.add(new FileRef(file.toUri().toString(), Files.size(file)));
    }

    for (int repeated = 0; repeated < 2; repeated++) {
      assertThat(engine.runtime.filesWith(files, "trace_id", List.of("t007")))
          .containsExactly(files.get(0), files.get(2));
      assertThat(engine.runtime.filesWith(files, "trace_id", List.of("absent", "t170")))
          .containsExactly(files.get(1), files.get(2));
      assertThat(engine.runtime.filesWith(files, "trace_id", List.of("t007", "t170")))
          .isEqualTo(files);
    }
    assertThat(engine.runtime.filesWith(files, "span_name", List.of("nothing"))).isEqualTo(files);
    assertThat(engine.runtime.filesWith(files, "no_column", List.of("x"))).isEmpty();
    assertThat(engine.runtime.filesWith(List.of(), "trace_id", List.of("x"))).isEmpty();
    FileRef missing = new FileRef(directory.resolve("none.parquet").toUri().toString(), 100);
    assertFails(
        () -> engine.runtime.filesWith(List.of(missing), "trace_id", List.of("x")),
        Kind.IO,
        "none.parquet");
  }

  @Test
  void writesTheFooterThatIcebergAndOthersRead() throws Exception {
    Path file = directory.resolve("spans.parquet");
    ParquetFileInfo info =
        write(
            spans(1000),
            file,
            ParquetWriteOptions.sorted(SPANS, List.of("trace_id", "timestamp"))
                .withBloomFilterColumns(List.of("trace_id", "never"))
                .withPlainColumns(List.of("span_name", "attributes.key_value.value"))
                .withRowGroupRows(600));
    FileMetaData metadata = metadata(info.footer());
    assertThat(metadata.getCreated_by())
        .as("parquet-java parses it before it trusts statistics of strings")
        .matches("signaldb-datafusion version \\d+\\.\\d+\\.\\d+");
    List<String> fields = new ArrayList<>();
    for (SchemaElement element : metadata.getSchema()) {
      fields.add(
          element.isSetField_id()
              ? element.getName() + "=" + element.getField_id()
              : element.getName());
    }
    assertThat(fields)
        .containsExactly(
            "table",
            "trace_id=1",
            "span_name=2",
            "duration=3",
            "ratio=4",
            "is_root=5",
            "hour=6",
            "timestamp=7",
            "attributes=8",
            "key_value",
            "key=9",
            "value=10",
            "events=11",
            "list",
            "element=12",
            "time=13",
            "name=14");
    assertThat(metadata.getKey_value_metadata()).isNull();
    assertThat(metadata.getCreated_by()).startsWith("signaldb-datafusion");
    assertThat(metadata.getRow_groups())
        .extracting(g -> g.getNum_rows())
        .containsExactly(600L, 400L);
    for (var group : metadata.getRow_groups()) {
      assertThat(group.getSorting_columns())
          .containsExactly(new SortingColumn(0, false, true), new SortingColumn(6, false, true));
      for (var chunk : group.getColumns()) {
        ColumnMetaData column = chunk.getMeta_data();
        String path = String.join(".", column.getPath_in_schema());
        assertThat(column.getCodec().name()).isEqualTo("ZSTD");
        assertThat(column.isSetBloom_filter_offset()).as(path).isEqualTo(path.equals("trace_id"));
        assertThat(chunk.isSetOffset_index_offset()).as(path).isTrue();
        assertThat(chunk.isSetColumn_index_offset()).as(path).isTrue();
        assertThat(column.isSetStatistics()).as(path).isTrue();
        assertThat(column.isSetDictionary_page_offset())
            .as(path)
            .isEqualTo(
                !List.of("span_name", "attributes.key_value.value", "is_root").contains(path));
        assertThat(column.getEncodings().toString()).doesNotContain("DELTA");
      }
    }
    SchemaElement timestamp = metadata.getSchema().get(7);
    assertThat(timestamp.getLogicalType().getTIMESTAMP().isIsAdjustedToUTC()).isFalse();
    assertThat(timestamp.getLogicalType().getTIMESTAMP().getUnit().isSetMICROS()).isTrue();
    assertThat(metadata.getSchema().get(1).getRepetition_type().name()).isEqualTo("REQUIRED");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void writesAMemoryTableWithItsDictionaries() throws Exception {
    Schema declared =
        Engine.schema(
            Engine.required("trace_id", Engine.TEXT),
            Engine.required("name", Engine.TEXT),
            Engine.optional("service", Engine.TEXT));
    try (MemoryTable table = MemoryTable.create(engine.runtime, declared, "trace_id")) {
      for (int i = 0; i < 20; i++) {
        IpcBatch batch =
            new IpcBatch()
                .column("trace_id", List.of("b" + i, "a" + i))
                .dictionary("name", List.of("get", "put" + i), List.of(1, 0))
                .struct("resource", Map.of("service", List.of("shop")), Arrays.asList(0, null));
        try (StagedBatch staged = table.stage(batch.build())) {
          staged.publish(i);
        }
      }
      session.registerMemoryTable(TABLE, table, -1, 9);
      Path file = directory.resolve("f.parquet");
      ParquetFileInfo info =
          write(
              "SELECT trace_id, upper(name) AS name, service FROM t",
              file,
              ParquetWriteOptions.sorted(declared, List.of("trace_id")));
      assertThat(info.rows()).isEqualTo(20);
      register(declared, List.of(), file);
    }
    assertThat(column("SELECT trace_id || name || coalesce(service, '-') FROM t LIMIT 3"))
        .containsExactly("a0GET-", "a1GET-", "a2GET-");
    assertThat(column("SELECT name FROM t WHERE trace_id = 'b7' AND service = 'shop'"))
        .containsExactly("PUT7");
  }

  @Test
  void readsFilesWithDifferentColumnsAsOneTable() throws Exception {
    Path a = directory.resolve("a.parquet");
    Path b = directory.resolve("b.parquet");
    Schema both =
        Engine.schema(
            Engine.optional("x", Engine.LONG),
            Engine.optional("y", Engine.TEXT),
            Engine.optional("z", ArrowType.Bool.INSTANCE));
    write("SELECT 1 AS x, 'one' AS y", a, ParquetWriteOptions.streamed(both, List.of()));
    write(
        "SELECT CAST(2 AS INT) AS x",
        b,
        ParquetWriteOptions.streamed(Engine.schema(Engine.optional("x", Engine.INT)), List.of()));
    register(both, List.of(), a, b);
    assertThat(engine.query(session, "SELECT * FROM t ORDER BY x").toString())
        .isEqualTo("[{x=1, y=one, z=null}, {x=2, y=null, z=null}]");
    assertThat(column("SELECT x FROM t WHERE y IS NULL AND z IS NULL")).containsExactly(2L);
    assertThat(column("SELECT x FROM t WHERE y = 'one'")).containsExactly(1L);
    session.registerParquet(TABLE, both, List.of(), List.of());
    assertThat(column("SELECT x FROM t")).isEmpty();
  }

  @Test
  void streamsWhatIsSortedAlready() throws Exception {
    Path file = directory.resolve("f.parquet");
    Schema schema =
        Engine.schema(Engine.required("n", Engine.LONG), Engine.optional("gone", Engine.TEXT));
    ParquetFileInfo info =
        write(
            "SELECT value AS n, CAST(NULL AS VARCHAR) AS gone FROM generate_series(1, 300000) ORDER BY value",
            file,
            ParquetWriteOptions.streamed(schema, List.of("n")).withRowGroupRows(100_000));
    FileMetaData metadata = metadata(info.footer());
    assertThat(info.rows()).isEqualTo(300_000);
    assertThat(metadata.getRow_groups()).hasSize(3);
    assertThat(metadata.getRow_groups().get(2).getSorting_columns())
        .containsExactly(new SortingColumn(0, false, true));
    assertThat(metadata.getSchema()).hasSize(3);
    register(schema, List.of("n"), file);
    assertThat(column("SELECT sum(n) FROM t")).containsExactly(300_000L * 300_001 / 2);
  }

  @Test
  void writesAFileWithoutRows() throws Exception {
    Path file = directory.resolve("f.parquet");
    ParquetFileInfo info =
        write(
            spans(10) + "WHERE value > 10",
            file,
            ParquetWriteOptions.sorted(SPANS, List.of("trace_id")));
    assertThat(info.rows()).isZero();
    register(SPANS, List.of(), file);
    assertThat(column("SELECT trace_id FROM t")).isEmpty();
  }

  @Test
  void replacesAFile() throws Exception {
    Path file = directory.resolve("f.parquet");
    Files.writeString(file, "something else");
    Schema schema = Engine.schema(Engine.required("n", Engine.LONG));
    write("SELECT 1 AS n", file, ParquetWriteOptions.sorted(schema, List.of()));
    register(schema, List.of(), file);
    assertThat(column("SELECT n FROM t")).containsExactly(1L);
  }

  @Test
  void namesTheColumnThatDoesNotFitAndLeavesNoFile() throws Exception {
    Path file = directory.resolve("f.parquet");
    Schema schema =
        Engine.schema(Engine.required("id", Engine.TEXT), Engine.optional("n", Engine.LONG));
    for (ParquetWriteOptions options :
        List.of(
            ParquetWriteOptions.sorted(schema, List.of("id")),
            ParquetWriteOptions.streamed(schema, List.of("id")))) {
      assertFails(
          () -> write("SELECT 'a' AS id, 1 AS color", file, options), Kind.ARGUMENT, "\"color\"");
      assertFails(() -> write("SELECT 1 AS n", file, options), Kind.ARGUMENT, "\"id\"", "required");
      assertFails(
          () ->
              write(
                  "SELECT CASE WHEN value < 3 THEN 'a' END AS id FROM generate_series(1, 5)",
                  file,
                  options),
          Kind.ARGUMENT,
          "\"id\" is null in 3");
      assertFails(
          () -> write("SELECT 'a' AS id, 'many' AS n", file, options),
          Kind.ARGUMENT,
          "\"n\"",
          "many");
    }
    assertFails(
        () -> write("SELECT 'a' AS id", file, ParquetWriteOptions.sorted(schema, List.of("n"))),
        Kind.ARGUMENT,
        "sort column \"n\"");
    assertFails(
        () ->
            write(
                "SELECT 'a' AS id, 1 / (value - 50) AS n FROM generate_series(1, 100)",
                file,
                ParquetWriteOptions.streamed(schema, List.of())),
        Kind.EXECUTION,
        "Divide by zero");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void cancelsAWrite() throws Exception {
    Path file = directory.resolve("f.parquet");
    Schema schema = Engine.schema(Engine.required("n", Engine.LONG));
    try (DataFrame frame =
        session.sql("SELECT value AS n FROM generate_series(1, 1000000000000)")) {
      Thread canceller =
          new Thread(
              () -> {
                Engine.await(Duration.ofSeconds(10), () -> !frame.metrics().isEmpty());
                frame.cancel();
              });
      canceller.start();
      assertFails(
          () ->
              frame.writeParquet(
                  file.toUri().toString(), ParquetWriteOptions.streamed(schema, List.of())),
          Kind.CANCELLED);
      canceller.join();
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void refusesUrlsThatNameNoFile() throws Exception {
    ParquetWriteOptions options =
        ParquetWriteOptions.sorted(Engine.schema(Engine.required("n", Engine.LONG)), List.of());
    for (String url : List.of("relative/path", "http://host/x", "file://")) {
      try (DataFrame frame = session.sql("SELECT 1 AS n")) {
        assertFails(() -> frame.writeParquet(url, options), Kind.ARGUMENT, url);
      }
    }
    try (DataFrame frame = session.sql("SELECT 1 AS n")) {
      String url = "file:///proc/no/such/place";
      assertFails(() -> frame.writeParquet(url, options), Kind.IO, "/proc/no");
    }
    Schema schema = Engine.schema(Engine.required("n", Engine.LONG));
    FileRef local = new FileRef("file:///a.parquet", 1);
    assertFails(
        () ->
            session.registerParquet(
                TABLE, schema, List.of(local, new FileRef("s3://b/a.parquet", 1)), List.of()),
        Kind.ARGUMENT,
        "s3://b/a.parquet",
        "one store");
    assertFails(
        () -> session.registerParquet(TABLE, schema, List.of(local), List.of("no")),
        Kind.ARGUMENT,
        "\"no\"");
    session.registerParquet(TABLE, schema, List.of(new FileRef("s3://b/a.parquet", 1)), List.of());
    assertThat(
            org.assertj.core.api.Assertions.catchThrowableOfType(
                    DataFusionException.class, () -> column("SELECT n FROM t"))
                .getMessage())
        .contains("s3://b");
  }

  @Test
  void namesTheFileThatCannotBeRead() throws Exception {
    Schema schema = Engine.schema(Engine.required("n", Engine.LONG));
    FileRef missing = new FileRef(directory.resolve("no.parquet").toUri().toString(), 1000);
    session.registerParquet(TABLE, schema, List.of(missing), List.of());
    assertFails(() -> column("SELECT n FROM t"), Kind.IO, "no.parquet");
    Path file = Files.writeString(directory.resolve("text.parquet"), "no Parquet ".repeat(100));
    register(schema, List.of(), file);
    assertFails(() -> column("SELECT n FROM t"), Kind.IO);
  }

  @Test
  void skipsByBloomFilterAndPageIndex() throws Exception {
    Path file = directory.resolve("f.parquet");
    write(
        spans(20_000),
        file,
        ParquetWriteOptions.sorted(SPANS, List.of("trace_id"))
            .withBloomFilterColumns(List.of("trace_id", "span_name"))
            .withRowGroupRows(10_000));
    register(SPANS, List.of("trace_id"), file);
    assertThat(metricsOf("SELECT trace_id FROM t WHERE span_name = 'span 1x'", 0))
        .contains("row_groups_pruned_bloom_filter=2 total");
    assertThat(metricsOf("SELECT span_name FROM t WHERE trace_id = 't007'", 100))
        .containsPattern("page_index_rows_pruned=.*[1-9]");
    assertThat(engine.runtime.stats().cachedFooters()).isEqualTo(1);
  }

  private String metricsOf(String sql, int rows) {
    try (DataFrame frame = session.sql(sql);
        ArrowReader reader = frame.executeStream(engine.allocator)) {
      assertThat(Engine.rows(reader)).hasSize(rows);
      return frame.metrics();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
