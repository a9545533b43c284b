package io.signaldb.datafusion;

import static io.signaldb.datafusion.QueryTest.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.datafusion.DataFusionException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory tables that show other columns than their batches have; files written from them. */
class ShownColumnsTest {
  private static final String[] SPANS = {"spans"};
  private static final String[] STORED = {"stored"};

  private static final Schema DECLARED =
      Engine.schema(
          Engine.required("trace_id", Engine.TEXT),
          Engine.required("name", Engine.TEXT),
          Engine.required("start", Engine.LONG),
          Engine.optional("service", Engine.TEXT),
          Engine.optional("replica", Engine.LONG),
          Engine.optional("root", ArrowType.Bool.INSTANCE),
          textMap("attributes"),
          Engine.optional("never", Engine.TEXT));

  private static final Map<String, String> SHOWN = new LinkedHashMap<>();

  static {
    SHOWN.put("trace_id", "trace_id");
    SHOWN.put("span_name", "name");
    SHOWN.put("start", "start");
    SHOWN.put("service_name", "service");
    SHOWN.put("replica", "replica");
    SHOWN.put("is_root", "root");
    SHOWN.put("attributes", "attributes");
    SHOWN.put("hour", "arrow_cast(start / 3600 % 24, 'Int32')");
    SHOWN.put("loud_service", "upper(service)");
    SHOWN.put("never", "never");
  }

  private static final Schema FILE =
      new Schema(
          List.of(
              Engine.required("trace_id", Engine.TEXT),
              Engine.required("span_name", Engine.TEXT),
              Engine.required("start", Engine.LONG),
              Engine.optional("service_name", Engine.TEXT),
              Engine.optional("replica", Engine.LONG),
              Engine.optional("is_root", ArrowType.Bool.INSTANCE),
              textMap("attributes"),
              Engine.optional("hour", Engine.INT),
              Engine.optional("loud_service", Engine.TEXT),
              Engine.optional("never", Engine.TEXT)));

  @TempDir private Path directory;
  private final Random random = new Random(3);
  private final Engine engine = new Engine();
  private MemoryTable table;
  private SessionContext session;

  private static Field textMap(String name) {
    Field entries =
        new Field(
            "entries",
            FieldType.notNullable(ArrowType.Struct.INSTANCE),
            List.of(Engine.required("key", Engine.TEXT), Engine.optional("value", Engine.TEXT)));
    return new Field(name, FieldType.nullable(new ArrowType.Map(false)), List.of(entries));
  }

  @BeforeEach
  void open() {
    table = MemoryTable.create(engine.runtime, DECLARED, SHOWN, "trace_id");
    session = engine.runtime.newSession();
    session.registerMemoryTable(SPANS, table, -1, Long.MAX_VALUE);
  }

  @AfterEach
  void nothingIsLeft() {
    session.close();
    table.close();
    engine.close();
  }

  private void publish(long position, IpcBatch batch) {
    try (StagedBatch staged = table.stage(batch.build())) {
      staged.publish(position);
    }
  }

  private static IpcBatch batch(String... traceIds) {
    int rows = traceIds.length;
    return new IpcBatch()
        .column("trace_id", Arrays.asList(traceIds))
        .column("name", List.copyOf(Collections.nCopies(rows, "get")))
        .column("start", List.copyOf(Collections.nCopies(rows, 7200L)));
  }

  /** A batch of one of the shapes that an encoder may choose, with what belongs to it at random. */
  private IpcBatch randomBatch() {
    int rows = 1 + random.nextInt(40);
    List<String> ids = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    List<@Nullable Boolean> roots = new ArrayList<>();
    List<@Nullable Integer> resources = new ArrayList<>();
    List<@Nullable Integer> names = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      ids.add("t%03d".formatted(random.nextInt(50)));
      starts.add((long) random.nextInt(200_000));
      // the first value tells the column's type
      roots.add((row > 0 && random.nextInt(3) == 0) ? null : random.nextBoolean());
      resources.add(random.nextInt(5) == 0 ? null : random.nextInt(2));
      names.add(random.nextInt(3));
    }
    IpcBatch batch = new IpcBatch().column("trace_id", ids).column("start", starts);
    List<String> texts = List.of("get", "put" + random.nextInt(4), "delete");
    if (random.nextBoolean()) {
      batch.dictionary("name", texts, names);
    } else {
      batch.column("name", names.stream().map(texts::get).toList());
    }
    if (random.nextBoolean()) {
      batch.column("root", roots);
    }
    switch (random.nextInt(4)) {
      case 0 ->
          batch.struct(
              "resource",
              Map.of(
                  "service", List.of("shop" + random.nextInt(3), "cart"),
                  "replica", Arrays.asList((long) random.nextInt(9), null),
                  "attributes", List.of(Map.of("k", "v1"), Map.of("k", "v" + random.nextInt(5)))),
              resources);
      case 1 -> batch.dictionary("service", List.of("shop1", "cart"), resources);
      case 2 ->
          batch.column(
              "service", resources.stream().map(key -> key == null ? null : "shop" + key).toList());
      default -> {}
    }
    return batch;
  }

  private ParquetFileInfo write(long after, long through, String condition) {
    String url = directory.resolve("spans.parquet").toUri().toString();
    ParquetFileInfo file =
        table.writeParquet(
            after,
            through,
            condition,
            url,
            ParquetWriteOptions.sorted(FILE, List.of("trace_id", "start"))
                .withBloomFilterColumns(List.of("trace_id"))
                .withPlainColumns(List.of("trace_id"))
                .withRowGroupRows(300));
    session.registerParquet(
        STORED, FILE, List.of(new FileRef(url, file.bytes())), List.of("trace_id", "start"));
    return file;
  }

  private List<Map<String, @Nullable Object>> rows(DataFrame query) {
    try (query;
        ArrowReader reader = query.executeStream(engine.allocator)) {
      return Engine.rows(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> sorted(String sql) {
    return engine.query(session, sql).stream().map(Object::toString).sorted().toList();
  }

  @Test
  void showsColumnsUnderOtherNamesAndComputedOnes() {
    publish(1, batch("a").dictionary("service", List.of("shop"), List.of(0)));
    assertThat(engine.query(session, "SELECT * FROM spans").toString())
        .isEqualTo(
            "[{trace_id=a, span_name=get, start=7200, service_name=shop, replica=null,"
                + " is_root=null, attributes=null, hour=2, loud_service=SHOP, never=null,"
                + " _position=1}]");
    assertThat(engine.column(session, "SELECT span_name FROM spans WHERE loud_service = 'SHOP'"))
        .containsExactly("get");
    assertThat(engine.column(session, "SELECT hour FROM spans WHERE trace_id = 'b'")).isEmpty();
  }

  @Test
  void refusesAnExpressionOverUndeclaredColumns() {
    assertFails(
        () ->
            MemoryTable.create(engine.runtime, DECLARED, Map.of("x", "nothing + 1"), null).close(),
        Kind.PLAN,
        "nothing");
  }

  @Test
  void writesTheRowsOfBatchesOfAllShapesSorted() {
    for (int position = 1; position <= 60; position++) {
      publish(position, randomBatch());
    }
    ParquetFileInfo file = write(0, Long.MAX_VALUE, "");

    String columns =
        "trace_id, span_name, start, service_name, replica, is_root, attributes, hour,"
            + " loud_service, never";
    assertThat(file.rows()).isEqualTo(table.rows()).isGreaterThan(600);
    assertThat(sorted("SELECT " + columns + " FROM stored"))
        .isEqualTo(sorted("SELECT " + columns + " FROM spans"));
    assertThat(rows(session.select(STORED, List.of("trace_id", "start"), "", List.of())))
        .isSortedAccordingTo(
            (a, b) -> {
              int byId = a.get("trace_id").toString().compareTo(b.get("trace_id").toString());
              return byId != 0 ? byId : Long.compare((Long) a.get("start"), (Long) b.get("start"));
            });
  }

  @Test
  void writesDictionariesWithoutValues() {
    publish(1, batch("a").dictionary("service", List.of(), Arrays.asList((Integer) null)));
    publish(2, batch("b"));
    assertThat(write(0, 2, "").rows()).isEqualTo(2);
    assertThat(sorted("SELECT trace_id, service_name FROM stored"))
        .containsExactly("{trace_id=a, service_name=null}", "{trace_id=b, service_name=null}");
  }

  @Test
  void keepsLongTextOfADictionaryOnce() {
    String text = "SELECT ".repeat(1_000);
    for (int position = 1; position <= 40; position++) {
      List<Integer> keys = List.copyOf(Collections.nCopies(500, 0));
      String[] ids = IntStream.range(0, 500).mapToObj(i -> "t" + i).toArray(String[]::new);
      IpcBatch batch = batch(ids);
      publish(
          position,
          position == 7
              ? batch.column("service", List.copyOf(Collections.nCopies(500, "plain")))
              : batch.dictionary("service", List.of(text), keys));
    }
    assertThat(write(0, 40, "").rows()).isEqualTo(20_000);
    assertThat(
            engine.column(
                session, "SELECT count(*) FROM stored WHERE service_name LIKE 'SELECT SELECT%'"))
        .containsExactly(19_500L);
  }

  @Test
  void writesTheRowsOfPositionsThatFulfilAConditionOnly() {
    publish(1, batch("a"));
    publish(2, batch("b", "c"));
    publish(3, batch("d", "e"));
    publish(4, batch("f"));
    assertThat(write(1, 3, "trace_id <> 'd' AND hour = 2").rows()).isEqualTo(3);
    assertThat(engine.column(session, "SELECT trace_id FROM stored"))
        .containsExactly("b", "c", "e");
    assertThat(write(0, 4, "_position NOT IN (2, 3)").rows()).isEqualTo(2);
    assertFails(() -> write(0, 4, "no_such = 1"), Kind.PLAN, "no_such");
  }

  @Test
  void leavesColumnsWithoutValuesOutOfTheFile() {
    publish(1, batch("a"));
    ParquetFileInfo file = write(0, 1, "");
    FileRef written =
        new FileRef(directory.resolve("spans.parquet").toUri().toString(), file.bytes());
    assertThat(engine.runtime.presentColumns(List.of(written)))
        .isEqualTo(Set.of("trace_id", "span_name", "start", "hour"));
  }

  @Test
  void selectsFromMemoryWithoutColumnsThatNoMatchingBatchHas() {
    publish(1, batch("a", "b"));
    publish(2, batch("c").dictionary("service", List.of("shop"), List.of(0)));
    assertThat(
            rows(session.select(SPANS, List.of(), "trace_id IN ($1, $2)", List.of("b", "x")))
                .toString())
        .isEqualTo("[{trace_id=b, span_name=get, start=7200, hour=2, _position=1}]");
    assertThat(
            rows(
                session.select(
                    SPANS, List.of("_position", "service_name"), "start > 0", List.of())))
        .hasSize(3)
        .allSatisfy(row -> assertThat(row).containsOnlyKeys("_position", "service_name"));
  }

  @Test
  void selectsFromFilesTheRowsThatFulfilTheCondition() {
    for (int position = 1; position <= 30; position++) {
      publish(position, randomBatch());
    }
    write(0, Long.MAX_VALUE, "");
    for (String condition :
        List.of(
            "trace_id = 't007'",
            "trace_id IN ('t001', 't030', 't049')",
            "start >= 1000 AND start <= 90000 AND trace_id = 't010'",
            "(trace_id = 't001' OR trace_id = 't002') AND span_name = 'get'")) {
      List<String> expected =
          sorted("SELECT trace_id, start, span_name FROM spans WHERE " + condition);
      assertThat(
              rows(
                      session.select(
                          STORED, List.of("trace_id", "start", "span_name"), condition, List.of()))
                  .stream()
                  .map(Object::toString)
                  .sorted())
          .as(condition)
          .isEqualTo(expected);
    }
    assertThat(rows(session.select(STORED, List.of(), "", List.of())))
        .allSatisfy(row -> assertThat(row).doesNotContainKey("never").containsKey("loud_service"));
  }

  @Test
  void saysWhatCannotBeSelected() {
    publish(1, batch("a"));
    write(0, 1, "");
    assertFails(
        () -> session.select(new String[] {"nothing"}, List.of(), "", List.of()),
        Kind.ARGUMENT,
        "no table [\"nothing\"] to select from");
    assertFails(
        () -> rows(session.select(STORED, List.of("nothing"), "", List.of())),
        Kind.PLAN,
        "nothing");
    assertFails(
        () -> rows(session.select(STORED, List.of(), "attributes['k'] = 'v'", List.of())),
        Kind.UNSUPPORTED,
        "use SQL");
    assertFails(
        () -> rows(session.select(STORED, List.of(), "trace_id = $2", List.of("a"))),
        Kind.PLAN,
        "placeholder $2");
    session.deregister(STORED);
    assertFails(() -> session.select(STORED, List.of(), "", List.of()), Kind.ARGUMENT, "no table");
  }
}
