package io.signaldb.datafusion;

import static io.signaldb.datafusion.QueryTest.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.datafusion.DataFusionException.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryTableTest {
  private static final String[] SPANS = {"spans"};

  private static Field textMap(String name) {
    Field key = Engine.required("key", Engine.TEXT);
    Field value = Engine.optional("value", Engine.TEXT);
    Field entries =
        new Field("entries", FieldType.notNullable(ArrowType.Struct.INSTANCE), List.of(key, value));
    return new Field(name, FieldType.nullable(new ArrowType.Map(false)), List.of(entries));
  }

  private static final Schema DECLARED =
      Engine.schema(
          Engine.required("trace_id", Engine.TEXT),
          Engine.required("span_name", Engine.TEXT),
          Engine.optional("duration", Engine.LONG),
          Engine.optional("service_name", Engine.TEXT),
          Engine.optional("replica", Engine.LONG),
          textMap("resource_attributes"),
          Engine.optional("is_root", ArrowType.Bool.INSTANCE),
          Engine.optional("never_there", Engine.TEXT));

  private final Engine engine = new Engine();
  private MemoryTable table;
  private SessionContext session;

  @BeforeEach
  void open() {
    table = MemoryTable.create(engine.runtime, DECLARED, "trace_id");
    session = engine.runtime.newSession();
    session.registerMemoryTable(SPANS, table, -1, Long.MAX_VALUE);
  }

  @AfterEach
  void nothingIsLeft() {
    session.close();
    table.close();
    engine.close();
  }

  private static IpcBatch batch(String... traceIds) {
    return new IpcBatch()
        .column("trace_id", Arrays.asList(traceIds))
        .column("span_name", List.copyOf(java.util.Collections.nCopies(traceIds.length, "get")));
  }

  private void publish(long position, IpcBatch batch) {
    try (StagedBatch staged = table.stage(batch.build())) {
      staged.publish(position);
    }
  }

  private List<@Nullable Object> column(String sql, Object... params) {
    return engine.column(session, sql, params);
  }

  @Test
  void showsABatchOnlyAfterItIsPublished() {
    try (StagedBatch staged = table.stage(batch("a", "b").build())) {
      assertThat(staged.rows()).isEqualTo(2);
      assertThat(staged.bytes()).isPositive();
      assertThat(table.rows()).isZero();
      assertThat(column("SELECT trace_id FROM spans")).isEmpty();
      staged.publish(7);
      assertThat(table.rows()).isEqualTo(2);
      assertThat(table.bytes()).isEqualTo(staged.bytes());
      assertFails(() -> staged.publish(8), Kind.ARGUMENT, "published before");
    }
    assertThat(column("SELECT trace_id FROM spans ORDER BY 1")).containsExactly("a", "b");
    assertThat(column("SELECT DISTINCT _position FROM spans")).containsExactly(7L);
  }

  @Test
  void hoistsTheChildrenOfStructs() {
    publish(
        1,
        new IpcBatch()
            .column("trace_id", List.of("a", "b", "c"))
            .dictionary("span_name", List.of("get", "put"), List.of(1, 0, 1))
            .column("duration", Arrays.asList(5L, null, 7L))
            .struct(
                "resource",
                Map.of(
                    "service_name", List.of("shop", "cart"),
                    "replica", Arrays.asList(3L, null),
                    "resource_attributes", List.of(Map.of("k", "v1"), Map.of("k", "v2"))),
                Arrays.asList(0, 1, null)));
    assertThat(engine.query(session, "SELECT * FROM spans ORDER BY trace_id").toString())
        .isEqualTo(
            "[{trace_id=a, span_name=put, duration=5, service_name=shop, replica=3, resource_attributes=[{\"key\":\"k\",\"value\":\"v1\"}], is_root=null, never_there=null, _position=1}, "
                + "{trace_id=b, span_name=get, duration=null, service_name=cart, replica=null, resource_attributes=[{\"key\":\"k\",\"value\":\"v2\"}], is_root=null, never_there=null, _position=1}, "
                + "{trace_id=c, span_name=put, duration=7, service_name=null, replica=null, resource_attributes=null, is_root=null, never_there=null, _position=1}]");
    assertThat(column("SELECT trace_id FROM spans WHERE service_name = 'cart'"))
        .containsExactly("b");
    assertThat(column("SELECT trace_id FROM spans WHERE replica = 3 AND span_name = 'put'"))
        .containsExactly("a");
    assertThat(column("SELECT trace_id FROM spans WHERE service_name IS NULL"))
        .containsExactly("c");
  }

  @Test
  void readsBatchesOfDifferentShapesAsOneTable() {
    publish(1, batch("a").column("is_root", List.of(true)));
    publish(2, batch("b").column("duration", List.of(9)));
    publish(3, batch("c").dictionary("service_name", List.of("shop"), List.of(0)));
    assertThat(
            engine
                .query(
                    session,
                    "SELECT trace_id, duration, service_name, is_root FROM spans ORDER BY 1")
                .toString())
        .isEqualTo(
            "[{trace_id=a, duration=null, service_name=null, is_root=true}, {trace_id=b, duration=9, service_name=null, is_root=null}, {trace_id=c, duration=null, service_name=shop, is_root=null}]");
    assertThat(column("SELECT count(*) FROM spans")).containsExactly(3L);
    assertThat(column("SELECT count(*) FROM spans WHERE duration > 8 OR is_root"))
        .containsExactly(2L);
    assertThat(column("SELECT trace_id FROM spans LIMIT 2")).hasSize(2);
  }

  @Test
  void refusesAColumnThatIsNotDeclared() {
    assertFails(
        () -> table.stage(batch("a").column("color", List.of("red")).build()),
        Kind.ARGUMENT,
        "\"color\" is not declared");
    assertFails(
        () -> table.stage(batch("a").column("_position", List.of(1L)).build()),
        Kind.ARGUMENT,
        "\"_position\" is not declared");
    assertFails(
        () ->
            table.stage(
                batch("a").struct("r", Map.of("color", List.of("red")), List.of(0)).build()),
        Kind.ARGUMENT,
        "\"color\" is not declared");
  }

  @Test
  void refusesAColumnThatAppearsTwice() {
    assertFails(
        () ->
            table.stage(
                batch("a").struct("r", Map.of("span_name", List.of("x")), List.of(0)).build()),
        Kind.ARGUMENT,
        "\"span_name\" appears twice");
  }

  @Test
  void refusesATypeThatDoesNotFit() {
    assertFails(
        () -> table.stage(batch("a").column("duration", List.of("long")).build()),
        Kind.ARGUMENT,
        "\"duration\"",
        "Utf8",
        "Int64");
    assertFails(
        () -> table.stage(batch("a").column("duration", List.of(1.5)).build()),
        Kind.ARGUMENT,
        "\"duration\"",
        "Float64",
        "Int64");
    assertFails(
        () -> table.stage(batch("a").column("service_name", List.of(1L)).build()),
        Kind.ARGUMENT,
        "\"service_name\"",
        "Int64",
        "Utf8");
  }

  @Test
  void refusesAMissingOrNullRequiredColumn() {
    assertFails(
        () -> table.stage(new IpcBatch().column("trace_id", List.of("a")).build()),
        Kind.ARGUMENT,
        "\"span_name\" is missing");
    assertFails(
        () -> table.stage(batch("a", null, null).build()),
        Kind.ARGUMENT,
        "\"trace_id\" is null in 2 of 3 rows");
    assertFails(
        () ->
            table.stage(
                new IpcBatch()
                    .column("trace_id", List.of("a", "b"))
                    .struct("s", Map.of("span_name", List.of("x")), Arrays.asList(0, null))
                    .build()),
        Kind.ARGUMENT,
        "\"span_name\" is null in 1 of 2 rows");
  }

  @Test
  void acceptsABatchWithoutRows() {
    publish(1, batch());
    assertThat(table.rows()).isZero();
    assertThat(column("SELECT trace_id FROM spans")).isEmpty();
  }

  @Test
  void refusesEveryTruncationOfAStream() {
    byte[] whole =
        batch("a", "b")
            .struct("r", Map.of("service_name", List.of("x")), List.of(0, 0))
            .build()
            .array();
    int endOfStream = 8;
    for (int length = 0; length < whole.length - endOfStream; length++) {
      ByteBuffer cut = ByteBuffer.wrap(whole, 0, length);
      assertFails(() -> table.stage(cut).close(), Kind.ARGUMENT, "malformed Arrow IPC stream");
    }
    table.stage(ByteBuffer.wrap(whole)).close();
  }

  /**
   * A changed bit may leave a valid batch or not; it never crashes, and what is staged is readable.
   */
  @Test
  void survivesChangedBytes() {
    byte[] whole =
        batch("a", "b")
            .dictionary("service_name", List.of("x", "y"), List.of(1, 0))
            .struct(
                "r",
                Map.of("resource_attributes", List.of(Map.of("k", "v")), "replica", List.of(1L)),
                List.of(0, 0))
            .build()
            .array();
    Random random = new Random(7);
    int accepted = 0;
    for (int i = 0; i < whole.length; i += 1 + random.nextInt(6)) {
      byte[] changed = whole.clone();
      changed[i] ^= (byte) (1 << random.nextInt(8));
      try (MemoryTable own = MemoryTable.create(engine.runtime, DECLARED, "trace_id");
          SessionContext reader = engine.runtime.newSession()) {
        try (StagedBatch staged = own.stage(ByteBuffer.wrap(changed))) {
          staged.publish(1);
        } catch (DataFusionException e) {
          assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.ARGUMENT);
          continue;
        }
        reader.registerMemoryTable(SPANS, own, 0, 1);
        assertThat(engine.query(reader, "SELECT * FROM spans")).hasSize(2);
        accepted++;
      }
    }
    assertThat(accepted).isBetween(1, whole.length - 1);
  }

  @Test
  void refusesTwoBatchesAndRandomBytes() {
    byte[] one = batch("a").build().array();
    byte[] two = Arrays.copyOf(one, 2 * one.length);
    System.arraycopy(one, 0, two, one.length, one.length);
    assertFails(() -> table.stage(ByteBuffer.wrap(two)), Kind.ARGUMENT, "malformed");
    byte[] noise = new byte[4096];
    new Random(1).nextBytes(noise);
    assertFails(() -> table.stage(ByteBuffer.wrap(noise)), Kind.ARGUMENT, "malformed");
  }

  @Test
  void stagesFromAnyKindOfBuffer() {
    byte[] bytes = batch("a").build().array();
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 3).position(3);
    direct.put(bytes).position(3);
    ByteBuffer heap = ByteBuffer.allocate(bytes.length + 5).position(1).slice().position(4);
    heap.put(bytes).position(4);
    for (ByteBuffer buffer : List.of(direct, heap, heap.asReadOnlyBuffer())) {
      int position = buffer.position();
      try (StagedBatch staged = table.stage(buffer)) {
        assertThat(staged.rows()).isEqualTo(1);
      }
      assertThat(buffer.position()).isEqualTo(position);
    }
  }

  @Test
  void showsOnlyTheAskedPositions() {
    for (long position = 1; position <= 5; position++) {
      publish(position, batch("t" + position));
    }
    session.registerMemoryTable(new String[] {"some"}, table, 1, 4);
    session.registerMemoryTable(new String[] {"none"}, table, 5, 4);
    assertThat(column("SELECT trace_id FROM some ORDER BY 1")).containsExactly("t2", "t3", "t4");
    assertThat(column("SELECT trace_id FROM none")).isEmpty();
    assertThat(column("SELECT trace_id FROM some WHERE _position > 3")).containsExactly("t4");
    publish(3, batch("late"));
    assertThat(column("SELECT trace_id FROM some ORDER BY 1"))
        .containsExactly("late", "t2", "t3", "t4");
  }

  @Test
  void dropsThroughAPosition() {
    publish(1, batch("a", "b"));
    publish(2, batch("c"));
    long bytes = table.bytes();
    table.dropThrough(1);
    assertThat(table.rows()).isEqualTo(1);
    assertThat(table.bytes()).isPositive().isLessThan(bytes);
    assertThat(column("SELECT trace_id FROM spans")).containsExactly("c");
    table.dropThrough(Long.MAX_VALUE);
    assertThat(table.bytes()).isZero();
  }

  @Test
  void skipsBatchesWithoutTheSoughtTrace() throws Exception {
    for (int i = 0; i < 50; i++) {
      publish(i, batch("a" + i, "b" + i));
    }
    for (String where :
        List.of(
            "trace_id = 'b7'",
            "'b7' = trace_id AND span_name = 'get'",
            "trace_id IN ('b7', 'none')",
            "(trace_id = 'b7' OR trace_id = 'none') AND _position >= 0")) {
      assertThat(column("SELECT _position FROM spans WHERE " + where))
          .as(where)
          .containsExactly(7L);
    }
    assertThat(column("SELECT count(*) FROM spans WHERE trace_id = 'none'")).containsExactly(0L);
    assertThat(column("SELECT count(*) FROM spans WHERE trace_id = 'b7' OR span_name = 'get'"))
        .containsExactly(100L);
    assertThat(column("SELECT count(*) FROM spans WHERE trace_id NOT IN ('b7', 'b8')"))
        .containsExactly(98L);
    assertThat(column("SELECT trace_id FROM spans WHERE trace_id = $1", "a9"))
        .containsExactly("a9");
    try (DataFrame frame = session.sql("SELECT trace_id FROM spans WHERE trace_id = 'a1'");
        ArrowReader reader = frame.executeStream(engine.allocator)) {
      assertThat(Engine.rows(reader)).hasSize(1);
      assertThat(frame.metrics()).contains("StreamingTableExec: partition_sizes=1");
    }
  }

  @Test
  void joinsAndSubqueriesSeeTheSameRows() {
    publish(1, batch("a", "b").column("duration", List.of(1L, 2L)));
    publish(2, batch("b", "c").column("duration", List.of(3L, 4L)));
    assertThat(
            column(
                "SELECT s.duration FROM spans s WHERE s.trace_id IN (SELECT trace_id FROM spans WHERE duration = 3) ORDER BY 1"))
        .containsExactly(2L, 3L);
    assertThat(
            column(
                "SELECT duration FROM spans WHERE duration > (SELECT avg(duration) FROM spans) ORDER BY 1"))
        .containsExactly(3L, 4L);
    assertThat(column("SELECT trace_id FROM spans UNION ALL SELECT 'x' ORDER BY 1"))
        .containsExactly("a", "b", "b", "c", "x");
  }

  @Test
  void refusesBadDeclarations() {
    assertFails(
        () -> MemoryTable.create(engine.runtime, DECLARED, "duration"), Kind.ARGUMENT, "duration");
    assertFails(
        () -> MemoryTable.create(engine.runtime, DECLARED, "nothing"), Kind.ARGUMENT, "nothing");
    assertFails(
        () ->
            MemoryTable.create(
                engine.runtime, Engine.schema(Engine.optional("_position", Engine.LONG)), null),
        Kind.ARGUMENT,
        "_position");
  }

  @Test
  void refusesUseAfterClose() {
    StagedBatch staged = table.stage(batch("a").build());
    table.close();
    table.close();
    assertFails(() -> staged.publish(1), Kind.CLOSED, "memory table");
    staged.close();
    assertFails(() -> staged.publish(1), Kind.CLOSED, "staged batch");
    assertFails(() -> table.stage(batch("a").build()), Kind.CLOSED, "memory table");
    assertFails(table::rows, Kind.CLOSED, "memory table");
    assertFails(() -> session.registerMemoryTable(SPANS, table, 0, 1), Kind.CLOSED, "memory table");
  }

  @Test
  void queriesSeeWholeBatchesWhileOthersPublishAndDrop() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    AtomicLong last = new AtomicLong(-1);
    try {
      Future<?> writer =
          threads.submit(
              () -> {
                for (long position = 0; position < 300; position++) {
                  publish(position, batch("t" + position, "t" + position));
                  last.set(position);
                  if (position % 3 == 0) {
                    table.dropThrough(position - 10);
                  }
                }
              });
      List<Future<?>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(
            threads.submit(
                () -> {
                  while (!writer.isDone()) {
                    long before = last.get();
                    Map<String, Object> row =
                        engine
                            .query(
                                session,
                                "SELECT count(*) AS n, coalesce(max(_position), -1) AS p FROM spans")
                            .get(0);
                    assertThat((Long) row.get("n")).isEven();
                    assertThat((Long) row.get("p")).isGreaterThanOrEqualTo(before);
                  }
                }));
      }
      writer.get(60, TimeUnit.SECONDS);
      for (Future<?> reader : readers) {
        reader.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
