package io.signaldb.datafusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.datafusion.DataFusionException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {
  /** Would run for years. */
  private static final String ENDLESS =
      "SELECT sum(a.value * b.value % 7) AS s FROM generate_series(1, 10000000) a, generate_series(1, 10000000) b";

  private final Engine engine = new Engine();

  @AfterEach
  void nothingIsLeft() {
    engine.close();
  }

  static void assertFails(ThrowingCallable call, Kind kind, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DataFusionException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
        .satisfies(
            e -> {
              for (String part : parts) {
                assertThat(e.getMessage()).contains(part);
              }
            });
  }

  @Test
  void returnsRowsInPlainTypes() throws Exception {
    String sql =
        "SELECT CAST('text' AS VARCHAR) AS a, arrow_cast('view', 'Utf8View') AS b, "
            + "arrow_cast('word', 'Dictionary(Int32, Utf8)') AS c, 1 AS d, [arrow_cast('x', 'Utf8View')] AS e";
    try (SessionContext session = engine.runtime.newSession();
        DataFrame frame = session.sql(sql);
        ArrowReader reader = frame.executeStream(engine.allocator)) {
      assertThat(reader.getVectorSchemaRoot().getSchema().getFields())
          .extracting(f -> (Object) f.getType())
          .containsExactly(
              Engine.TEXT, Engine.TEXT, Engine.TEXT, Engine.LONG, ArrowType.List.INSTANCE);
      assertThat(Engine.rows(reader).toString())
          .isEqualTo("[{a=text, b=view, c=word, d=1, e=[\"x\"]}]");
      assertThat(reader.bytesRead()).isPositive();
    }
  }

  @Test
  void returnsSlicesOfStringsIntact() {
    List<Map<String, Object>> rows =
        engine.query(
            "SELECT 'value ' || value AS v, [value] AS l, value % 2 = 0 AS even, CASE WHEN value % 3 > 0 THEN value END AS n "
                + "FROM generate_series(1, 100) ORDER BY value LIMIT 3 OFFSET 41");
    assertThat(rows.toString())
        .isEqualTo(
            "[{v=value 42, l=[42], even=true, n=null}, {v=value 43, l=[43], even=false, n=43}, {v=value 44, l=[44], even=true, n=44}]");
  }

  @Test
  void returnsAnEmptyResultWithItsSchema() throws Exception {
    try (SessionContext session = engine.runtime.newSession();
        DataFrame frame = session.sql("SELECT 1 AS one WHERE false");
        ArrowReader reader = frame.executeStream(engine.allocator)) {
      assertThat(reader.getVectorSchemaRoot().getSchema().findField("one")).isNotNull();
      assertThat(Engine.rows(reader)).isEmpty();
      assertThat(reader.loadNextBatch()).isFalse();
    }
  }

  @Test
  void namesTheColumnThatABadQueryMentions() {
    assertFails(
        () -> engine.query("SELECT no_such FROM (SELECT 1 AS one)"), Kind.PLAN, "no_such", "one");
  }

  @Test
  void namesTheTableThatABadQueryMentions() {
    assertFails(() -> engine.query("SELECT 1 FROM c.s.no_such"), Kind.PLAN, "c.s.no_such");
  }

  @Test
  void saysWhereTheSyntaxIsWrong() {
    assertFails(() -> engine.query("SELECT 1 FORM x y"), Kind.PLAN, "Line: 1, Column: 15");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '/etc/passwd'",
        "CREATE TABLE t AS SELECT 1",
        "COPY (SELECT 1) TO '/tmp/x.parquet'",
        "SET datafusion.execution.batch_size = 1",
        "INSERT INTO t VALUES (1)",
        "SELECT 1; SELECT 2",
        "SELECT * FROM '/tmp/x.parquet'",
        "SELECT * FROM information_schema.tables",
        ""
      })
  void acceptsOnlyQueries(String sql) {
    assertThatThrownBy(() -> engine.query(sql))
        .isInstanceOfSatisfying(
            DataFusionException.class, e -> assertThat(e.kind()).isIn(Kind.PLAN, Kind.UNSUPPORTED));
  }

  @Test
  void failsInTheMiddleOfAStreamWithTheReason() {
    assertFails(
        () -> engine.query("SELECT 10 / (value - 50) FROM generate_series(1, 100)"),
        Kind.EXECUTION,
        "Divide by zero");
  }

  @Test
  void turnsAPanicIntoAnException() {
    assertFails(
        () -> engine.query("SELECT signaldb_panic(value) FROM generate_series(1, 10)"),
        Kind.PANIC,
        "asked to panic with");
    assertThat(engine.query("SELECT 1 AS one").toString()).isEqualTo("[{one=1}]");
  }

  @Test
  void turnsAPanicOfThePlannerIntoAnException() {
    assertFails(() -> engine.query("SELECT signaldb_panic(7)"), Kind.PANIC, "7");
  }

  @Test
  void survivesDeeplyNestedExpressions() {
    String sum = "1" + " + 1".repeat(300);
    assertThatThrownBy(() -> engine.query("SELECT " + "(".repeat(500) + "1" + ")".repeat(500)))
        .isInstanceOf(DataFusionException.class);
    assertThat(engine.query("SELECT " + sum + " AS s").toString()).isEqualTo("[{s=301}]");
  }

  @Test
  void bindsValuesOfEveryClass() {
    assertThat(
            engine
                .query(
                    "SELECT $1 AS a, $2 AS b, $3 + 1 AS c, $4 AS d, $5 IS NULL AS e, array_has($6, 'y') AS f",
                    "text",
                    Long.MIN_VALUE,
                    41,
                    0.1,
                    null,
                    List.of("x", "y"))
                .toString())
        .isEqualTo("[{a=text, b=-9223372036854775808, c=42, d=0.1, e=true, f=true}]");
    assertThat(engine.query("SELECT NOT $1 AS a", true).toString()).isEqualTo("[{a=false}]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'; DROP TABLE t; --",
        "\"",
        "\\",
        "$1",
        "\0",
        "\uD83D\uDE00 \u00e4\u2028",
        "",
        "a\nb",
        "%_"
      })
  void bindsHostileStringsUnchanged(String value) {
    assertThat(engine.query("SELECT $1 AS v, $1 = $2 AS same", value, value))
        .containsExactly(Map.of("v", value, "same", true));
  }

  @Test
  void refusesValuesOfOtherClasses() {
    assertFails(
        () -> engine.query("SELECT $1, $2", "ok", new java.util.ArrayDeque<String>()),
        Kind.ARGUMENT,
        "$2",
        "java.util.ArrayDeque");
    assertFails(
        () -> engine.query("SELECT $1", List.of(1)), Kind.ARGUMENT, "$1", "java.lang.Integer");
  }

  @Test
  void saysWhichPlaceholderHasNoValue() {
    assertThatThrownBy(() -> engine.query("SELECT $1, $2", "only one"))
        .isInstanceOf(DataFusionException.class)
        .hasMessageContaining("$2");
  }

  @Test
  void cancelsARunningQueryWithinASecond() throws Exception {
    try (SessionContext session = engine.runtime.newSession();
        DataFrame frame = session.sql(ENDLESS);
        ArrowReader reader = frame.executeStream(engine.allocator)) {
      Thread canceller = new Thread(frame::cancel);
      canceller.start();
      long start = System.nanoTime();
      assertFails(reader::loadNextBatch, Kind.CANCELLED, "cancelled");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      canceller.join();
    }
  }

  @Test
  void cancelledBeforePlanningNeverStarts() {
    try (SessionContext session = engine.runtime.newSession();
        DataFrame frame = session.sql(ENDLESS)) {
      frame.cancel();
      frame.cancel();
      assertFails(() -> frame.executeStream(engine.allocator), Kind.CANCELLED);
    }
  }

  @Test
  void cancelsWhileTheQueryIsPlanned() throws Exception {
    String slowToPlan =
        "SELECT "
            + String.join(", ", java.util.Collections.nCopies(4000, "1+2*3"))
            + " FROM generate_series(1,2)";
    try (SessionContext session = engine.runtime.newSession();
        DataFrame frame =
            session.sql(
                "SELECT count(*) FROM (" + slowToPlan.replace("1+2*3", "value + 1") + ")")) {
      CountDownLatch started = new CountDownLatch(1);
      Thread canceller =
          new Thread(
              () -> {
                started.countDown();
                frame.cancel();
              });
      canceller.start();
      started.await();
      long start = System.nanoTime();
      assertThatThrownBy(() -> Engine.rows(frame.executeStream(engine.allocator)))
          .isInstanceOf(DataFusionException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      canceller.join();
    }
  }

  @Test
  void closingTheReaderStopsTheQuery() throws Exception {
    try (SessionContext session = engine.runtime.newSession();
        DataFrame frame = session.sql("SELECT value FROM generate_series(1, 100000000000)")) {
      try (ArrowReader reader = frame.executeStream(engine.allocator)) {
        assertThat(reader.loadNextBatch()).isTrue();
      }
      Engine.await(Duration.ofSeconds(5), () -> engine.runtime.stats().runningTasks() == 0);
    }
  }

  @Test
  void closingTheFrameWhileItRunsIsSafe() throws Exception {
    try (SessionContext session = engine.runtime.newSession();
        DataFrame frame = session.sql(ENDLESS);
        ArrowReader reader = frame.executeStream(engine.allocator)) {
      Thread closer = new Thread(frame::close);
      closer.start();
      assertThatThrownBy(reader::loadNextBatch)
          .isInstanceOfSatisfying(
              DataFusionException.class,
              e -> assertThat(e.kind()).isIn(Kind.CANCELLED, Kind.CLOSED));
      closer.join();
    }
  }

  @Test
  void refusesUseAfterClose() {
    SessionContext session = engine.runtime.newSession();
    DataFrame frame = session.sql("SELECT 1");
    frame.close();
    frame.close();
    frame.cancel();
    assertFails(() -> frame.executeStream(engine.allocator), Kind.CLOSED, "data frame");
    assertFails(frame::metrics, Kind.CLOSED);
    session.close();
    session.close();
    assertFails(() -> session.sql("SELECT 1"), Kind.CLOSED, "session");
  }

  @Test
  void closingTheRuntimeCancelsItsQueries() throws Exception {
    Engine other = new Engine();
    try (SessionContext session = other.runtime.newSession();
        DataFrame frame = session.sql(ENDLESS);
        DataFrame late = session.sql("SELECT 1");
        ArrowReader reader = frame.executeStream(other.allocator)) {
      other.runtime.close();
      assertFails(reader::loadNextBatch, Kind.CANCELLED);
      assertFails(other.runtime::newSession, Kind.CLOSED, "runtime");
      assertFails(() -> late.executeStream(other.allocator), Kind.CLOSED, "runtime");
    }
    other.allocator.close();
  }

  @Test
  void runsOnlyOnce() {
    try (SessionContext session = engine.runtime.newSession();
        DataFrame frame = session.sql("SELECT 1")) {
      assertThat(readAll(frame)).hasSize(1);
      assertFails(() -> readAll(frame), Kind.ARGUMENT, "executed before");
    }
  }

  private List<Map<String, Object>> readAll(DataFrame frame) {
    try (ArrowReader reader = frame.executeStream(engine.allocator)) {
      return Engine.rows(reader);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void outlivesItsSession() {
    SessionContext session = engine.runtime.newSession();
    try (DataFrame frame = session.sql("SELECT 1 AS one")) {
      session.close();
      assertThat(readAll(frame).toString()).isEqualTo("[{one=1}]");
    }
  }

  @Test
  void showsWhatEachOperatorCounted() {
    try (SessionContext session = engine.runtime.newSession();
        DataFrame frame =
            session.sql("SELECT value FROM generate_series(1, 1000) WHERE value > 900")) {
      assertThat(frame.metrics()).isEmpty();
      assertThat(readAll(frame)).hasSize(100);
      assertThat(frame.metrics()).contains("output_rows=100");
    }
  }

  @Test
  void reportsTheMemoryLimit() {
    try (Engine small = new Engine(1 << 20, null, Map.of())) {
      assertFails(
          () ->
              small.query(
                  "SELECT count(DISTINCT 'some longer text ' || value) FROM generate_series(1, 1000000)"),
          Kind.RESOURCES,
          "Memory Exhausted");
      assertThat(small.query("SELECT 1 AS one").toString()).isEqualTo("[{one=1}]");
    }
  }

  @Test
  void spillsASortThatDoesNotFit(@TempDir Path directory) throws Exception {
    Path spill = directory.resolve("new/spill");
    String sql =
        "SELECT 'row ' || ((value * 7919) % 3000017) AS v FROM generate_series(1, 3000000) ORDER BY v DESC";
    // What each of two sorts keeps for merging must leave room for rows, whichever starts first.
    Map<String, String> reserve =
        Map.of("datafusion.execution.sort_spill_reservation_bytes", "1048576");
    try (Engine small = new Engine(24 << 20, spill, reserve);
        SessionContext session = small.runtime.newSession();
        DataFrame frame = session.sql(sql);
        ArrowReader reader = frame.executeStream(small.allocator)) {
      assertThat(spill).isDirectory();
      long rows = 0;
      while (reader.loadNextBatch()) {
        rows += reader.getVectorSchemaRoot().getRowCount();
      }
      assertThat(rows).isEqualTo(3_000_000);
      assertThat(frame.metrics()).containsPattern("spill_count=[1-9]");
    }
    try (var files = Files.walk(spill)) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void refusesUnknownSettings() {
    assertFails(
        () -> new Engine(1 << 20, null, Map.of("datafusion.execution.no_such", "1")),
        Kind.ARGUMENT,
        "datafusion.execution.no_such");
    assertFails(
        () -> new Engine(1 << 20, null, Map.of("datafusion.execution.batch_size", "many")),
        Kind.ARGUMENT,
        "many");
    assertFails(
        () -> new Engine(1 << 20, null, Map.of("signaldb.spill_bytes", "-1")),
        Kind.ARGUMENT,
        "signaldb.spill_bytes = -1");
  }

  @Test
  void opensAThousandSessionsWithoutALeak() {
    for (int i = 0; i < 1000; i++) {
      assertThat(engine.query("SELECT CAST($1 AS VARCHAR) || '!' AS v", "run " + i))
          .containsExactly(Map.of("v", "run " + i + "!"));
    }
    assertThat(engine.allocator.getAllocatedMemory()).isZero();
    assertThat(engine.runtime.stats().dataFrames()).isZero();
    assertThat(engine.runtime.stats().sessions()).isZero();
  }

  @Test
  void runsQueriesOfSixteenThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try {
      List<Future<Object>> answers = new ArrayList<>();
      for (int i = 0; i < 320; i++) {
        int n = i;
        answers.add(
            threads.submit(
                () ->
                    engine
                        .query(
                            "SELECT sum(value) AS s FROM generate_series(1, $1)"
                                .replace("$1", n + ""))
                        .get(0)
                        .get("s")));
      }
      List<Object> expected = new ArrayList<>();
      List<Object> actual = new ArrayList<>();
      for (int i = 0; i < 320; i++) {
        expected.add(i == 0 ? null : (long) i * (i + 1) / 2);
        actual.add(answers.get(i).get(60, TimeUnit.SECONDS));
      }
      assertThat(actual).isEqualTo(expected);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void closingUnderLoadNeverCrashes() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        SessionContext session = engine.runtime.newSession();
        DataFrame frame = session.sql("SELECT value, 'x' || value FROM generate_series(1, 200000)");
        work.add(
            threads.submit(
                () -> {
                  try {
                    readAll(frame);
                  } catch (DataFusionException e) {
                    assertThat(e.kind()).isIn(Kind.CANCELLED, Kind.CLOSED);
                  }
                }));
        work.add(threads.submit(frame::close));
        work.add(threads.submit(session::close));
        work.add(
            threads.submit(
                () -> {
                  frame.cancel();
                  frame.close();
                  session.close();
                }));
      }
      for (Future<?> future : work) {
        future.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void namesTablesWithOneOrThreeParts() throws Exception {
    try (SessionContext session = engine.runtime.newSession()) {
      for (String[] name :
          Arrays.asList(new String[] {"Plain"}, new String[] {"c-1", "s.2", "T"})) {
        try (SessionContext source = engine.runtime.newSession();
            DataFrame frame = source.sql("SELECT 'in ' || $1 AS v", Arrays.asList(name[0]));
            ArrowReader reader = frame.executeStream(engine.allocator)) {
          session.registerReader(name, engine.allocator, reader);
        }
      }
      assertThat(engine.column(session, "SELECT v FROM \"Plain\"")).containsExactly("in Plain");
      assertThat(engine.column(session, "SELECT v FROM \"c-1\".\"s.2\".\"T\""))
          .containsExactly("in c-1");
      session.deregister("Plain");
      session.deregister("no", "such", "table");
      assertFails(() -> engine.query(session, "SELECT v FROM \"Plain\""), Kind.PLAN, "Plain");
      assertFails(
          () -> session.deregister("two", "parts"), Kind.ARGUMENT, "two", "one part or catalog");
    }
  }

  @Test
  void readersAreCopiedAndCountedInThePool() throws Exception {
    try (Engine small = new Engine(8 << 20, null, Map.of());
        SessionContext session = small.runtime.newSession()) {
      try (DataFrame frame =
              session.sql("SELECT value, 'row ' || value AS v FROM generate_series(1, 10000)");
          ArrowReader reader = frame.executeStream(small.allocator)) {
        session.registerReader(new String[] {"t"}, small.allocator, reader);
      }
      assertThat(small.allocator.getAllocatedMemory()).isZero();
      assertThat(small.runtime.stats().memoryReservedBytes()).isPositive();
      assertThat(small.column(session, "SELECT v FROM t WHERE value = 7")).containsExactly("row 7");
      try (DataFrame frame =
          session.sql("SELECT value, repeat('x', 1000) FROM generate_series(1, 100000)")) {
        assertFails(
            () -> {
              try (ArrowReader reader = frame.executeStream(small.allocator)) {
                session.registerReader(new String[] {"t"}, small.allocator, reader);
              }
            },
            Kind.RESOURCES,
            "registered reader");
      }
      session.deregister("t");
    }
  }
}
