package io.signaldb.querier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SqlDescription;
import io.signaldb.common.flight.SqlStatement;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTest {
  private static final long BASE = TestSpan.NOON;

  /** Statements and what their errors say. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("INSERT INTO traces (trace_id) VALUES ('x')", "only queries are accepted"),
          Map.entry("DELETE FROM traces", "only queries are accepted"),
          Map.entry("UPDATE traces SET span_name = 'x'", "only queries are accepted"),
          Map.entry("DROP TABLE traces", "only queries are accepted"),
          Map.entry("CREATE TABLE t AS SELECT * FROM traces", "only queries are accepted"),
          Map.entry(
              "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '/etc/passwd'",
              "only queries are accepted"),
          Map.entry("COPY traces TO '/tmp/traces.parquet'", "only queries are accepted"),
          Map.entry("SET datafusion.execution.batch_size = 1", "only queries are accepted"),
          Map.entry(
              "EXPLAIN ANALYZE INSERT INTO traces (trace_id) VALUES ('x')",
              "only queries are accepted"),
          Map.entry("SELECT * FROM '/etc/passwd'", "/etc/passwd"),
          Map.entry("SELECT * FROM read_parquet('/etc/passwd')", "read_parquet"),
          Map.entry(
              "SELECT * FROM other.production.traces", "table 'other.production.traces' not found"),
          Map.entry("SELECT * FROM nothing", "table 'default.default.nothing' not found"),
          Map.entry("SELECT no_such FROM traces", "no_such"),
          Map.entry("SELEKT 1", "Expected"),
          Map.entry("SELECT 1; SELECT 2", "single SQL statement"),
          Map.entry("SELECT 1 / 0", "Divide by zero"),
          Map.entry("SELECT CAST(span_name AS BIGINT) FROM traces", "op-"),
          Map.entry("SELECT span_name FROM traces WHERE span_name = $1", "$1"));

  @TempDir Path directory;

  private QuerierFixture querier;
  private FakeWriter writer;

  @BeforeEach
  void start() throws Exception {
    querier = new QuerierFixture(directory, settings());
    writer = querier.writer();
  }

  @AfterEach
  void stop() {
    querier.close();
  }

  private static Map<String, String> settings() {
    return Map.of("sql.max_rows", "1000", "sql.memory_bytes", "16MiB", "sql.timeout", "60s");
  }

  private static TestSpan span(int number) {
    return TestSpan.root(Integer.toHexString(number + 1), Integer.toHexString(number + 1), number)
        .named("op-" + number % 3)
        .with("http.route", "/r" + number % 2)
        .with("plain.key", "v" + number)
        .with("http.response.status_code", 200L + number);
  }

  private QuerierFixture.Answer sql(String text, @Nullable Object... values) throws Exception {
    return querier.ask(ticket(text, values));
  }

  private static QueryTicket.Sql ticket(String text, @Nullable Object... values) {
    return new QueryTicket.Sql(
        "default", "default", List.of("default"), new SqlStatement(text, Arrays.asList(values)));
  }

  private SqlDescription describe(String text, @Nullable Object... values) throws Exception {
    FlightStream stream = querier.open(new QueryTicket.DescribeSql(ticket(text, values)).toBytes());
    try {
      stream.next();
      return SqlDescription.of(stream.getRoot());
    } finally {
      stream.close();
    }
  }

  private void holdAndCommit() {
    writer.hold(span(0), span(1), span(2));
    writer.commit();
    writer.hold(span(3), span(4));
  }

  @Test
  void unitesFilesAndFreshRowsUnderEveryFormOfTheName() throws Exception {
    holdAndCommit();
    for (String name : List.of("traces", "\"default\".traces", "\"default\".\"default\".traces")) {
      assertThat(sql("SELECT count(*) AS n FROM " + name).column("n")).containsExactly(5L);
    }
    assertThat(
            sql("SELECT span_name FROM traces ORDER BY start_time_unix_nano").column("span_name"))
        .containsExactly("op-0", "op-1", "op-2", "op-0", "op-1");
  }

  @Test
  void countsEveryRowOnceWhileACommitIsNotForgotten() throws Exception {
    writer.keepCommittedRows();
    holdAndCommit();
    assertThat(sql("SELECT count(*) AS n FROM traces").column("n")).containsExactly(5L);
  }

  @Test
  void findsAttributesByNameWhetherPromotedOrNot() throws Exception {
    holdAndCommit();
    assertThat(
            sql("SELECT span_attributes['http.route'] AS route, span_attributes['plain.key'] AS k,"
                    + " span_attributes_int['http.response.status_code'] AS code FROM traces"
                    + " WHERE span_attributes['http.route'] = '/r1' ORDER BY code")
                .rows()
                .toString())
        .isEqualTo("[{route=/r1, k=v1, code=201}, {route=/r1, k=v3, code=203}]");
  }

  @Test
  void selectsAllColumns() throws Exception {
    holdAndCommit();
    QuerierFixture.Answer answer =
        sql("SELECT * FROM traces WHERE span_id = $1", "%016x".formatted(4));
    assertThat(answer.rows()).hasSize(1);
    assertThat(answer.rows().get(0)).containsEntry("span_attr_http_route", "/r1");
  }

  @Test
  void joinsTheTableWithItself() throws Exception {
    holdAndCommit();
    assertThat(
            sql("WITH a AS (SELECT trace_id, span_name FROM traces) SELECT count(*) AS n FROM a"
                    + " JOIN traces b ON a.trace_id = b.trace_id WHERE b.duration_nanos >= 0")
                .column("n"))
        .containsExactly(5L);
  }

  @Test
  void isEmptyWithoutATable() throws Exception {
    assertThat(sql("SELECT count(*) AS n FROM traces").column("n")).containsExactly(0L);
    assertThat(sql("SELECT span_name FROM traces").rows()).isEmpty();
    assertThat(sql("SELECT 1 AS one").column("one")).containsExactly(1L);
  }

  @Test
  void explainsPlans() throws Exception {
    holdAndCommit();
    assertThat(sql("EXPLAIN SELECT count(*) FROM traces").column("plan_type"))
        .contains("logical_plan", "physical_plan");
    assertThat(sql("EXPLAIN ANALYZE SELECT count(*) FROM traces").rows()).isNotEmpty();
  }

  @Test
  void describesTablesAndKnowsWhatTimeItIs() throws Exception {
    assertThat(sql("DESCRIBE traces").column("column_name")).contains("span_name");
    assertThat(sql("SELECT count(*) AS n FROM traces WHERE timestamp < now()").column("n"))
        .containsExactly(0L);
  }

  @Test
  void describesWhatAStatementAsksForAndAnswersWith() throws Exception {
    SqlDescription description =
        describe(
            "SELECT span_name, duration_nanos FROM traces WHERE span_name = $1 AND duration_nanos > $2");
    assertThat(description.placeholders().getFields())
        .extracting(Field::getName)
        .containsExactly("$1", "$2");
    assertThat((Object) description.placeholders().findField("$2").getType())
        .isEqualTo(new ArrowType.Int(64, true));
    assertThat(description.answer().getFields())
        .extracting(Field::getName)
        .containsExactly("span_name", "duration_nanos");
    assertThat(describe("SELECT $1 + 1 AS n", 1L).answer().findField("n").getType().toString())
        .contains("Int(64");
  }

  @Test
  void describesExactlyTheSchemaOfTheAnswer() throws Exception {
    holdAndCommit();
    for (String text :
        List.of(
            "SELECT * FROM traces",
            "SELECT count(*), max(span_name) FROM traces",
            "EXPLAIN SELECT 1")) {
      FlightStream stream = querier.open(ticket(text).toBytes());
      try {
        assertThat(describe(text).answer()).isEqualTo(stream.getSchema());
      } finally {
        stream.cancel("seen", null);
        stream.close();
      }
    }
  }

  @Test
  void bindsValuesOfEveryClass() throws Exception {
    holdAndCommit();
    assertThat(
            sql(
                    "SELECT span_name FROM traces WHERE span_name = $1 AND start_time_unix_nano >= $2"
                        + " AND duration_nanos < $3 AND is_root = $4 AND timestamp > $5 AND $6 IS NULL",
                    "op-1",
                    BASE,
                    1e18,
                    true,
                    Instant.ofEpochSecond(0, BASE + 2 * TestSpan.SECOND),
                    null)
                .column("span_name"))
        .containsExactly("op-1");
  }

  @Test
  void refusesWhatIsNoQueryOfTheCallersTables() {
    holdAndCommit();
    REFUSED.forEach(
        (text, part) ->
            assertThatThrownBy(() -> sql(text))
                .as(text)
                .isInstanceOfSatisfying(
                    SignalDbException.class,
                    e ->
                        assertThat(e.code())
                            .isIn(ErrorCode.INVALID_ARGUMENT, ErrorCode.UNIMPLEMENTED))
                .hasMessageContaining(part));
  }

  @Test
  void saysThatAnAnswerHasTooManyRows() {
    assertFails(
        ErrorCode.TOO_LARGE,
        "more than 1000 rows (sql.max_rows)",
        "SELECT * FROM generate_series(1, 100000)");
  }

  @Test
  void saysThatAStatementNeedsTooMuchMemory() {
    assertFails(ErrorCode.RESOURCE_EXHAUSTED, "sql.memory_bytes", pairs(10_000_000));
  }

  @Test
  void stopsAStatementThatRunsTooLong() throws Exception {
    querier.close();
    querier = new QuerierFixture(directory, Map.of("sql.timeout", "700ms"));
    assertFails(ErrorCode.DEADLINE_EXCEEDED, "700 ms", pairs(1_000_000));
  }

  private static String pairs(int rows) {
    return "SELECT sum(a.value * b.value %% 7) FROM generate_series(1, %1$d) a, generate_series(1, %1$d) b"
        .formatted(rows);
  }

  private void assertFails(ErrorCode code, String part, String text) {
    assertThatThrownBy(() -> sql(text))
        .isInstanceOfSatisfying(
            SignalDbException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code))
        .hasMessageContaining(part);
  }

  @Test
  void failsWhenAWritersRowsCannotBeHad() throws Exception {
    holdAndCommit();
    writer.beforeAnswer(
        () -> {
          throw new SignalDbException(ErrorCode.UNAVAILABLE, "on strike");
        });
    assertThatThrownBy(() -> sql("SELECT count(*) FROM traces"))
        .isInstanceOfSatisfying(
            SignalDbException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContaining("lack rows");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sql:default:default:{}",
        "sql:default:default:{\"text\":1}",
        "describe_sql:default:default:x",
        "sql:default:default:{\"text\":\"SELECT $1\",\"datasets\":[],\"values\":[{\"day\":1}]}"
      })
  void refusesMalformedTickets(String ticket) {
    assertThatThrownBy(() -> querier.ask(ticket))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }
}
