package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.signaldb.producer.ProducerMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQL through the JDBC driver of Flight SQL. */
class SqlIT {
  private static final int SPANS = 40;

  @TempDir static Path directory;
  private static SignalDbProcess server;

  /** What the shop has sent, by signal. */
  private static final Map<String, Long> SHOP_ROWS = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    Files.writeString(
        directory.resolve("signaldb.toml"),
        TwoTenants.CONFIG
            + """

        [sql]
        max_rows = 1000
        max_text_bytes = 10000
        memory_bytes = "64MiB"
        timeout = "20s"
        """);
    server = SignalDbProcess.start(directory, Map.of("SIGNALDB_WRITER_COMMIT_MAX_AGE", "2s"));
    send(TwoTenants.ACME, 0, SPANS / 2);
    send(TwoTenants.ACME_ARCHIVE, 0, 3);
    send(TwoTenants.GLOBEX, 0, 1);
    Path data = server.dataDir().resolve("storage/acme/prod/traces/data");
    Await.until(
        java.time.Duration.ofSeconds(60),
        () -> Files.exists(data) && !ParquetFiles.below(data).isEmpty(),
        () -> "no file below " + data);
    send(TwoTenants.ACME, SPANS / 2, SPANS);
    sendShop();
  }

  /** Rows of all tables, in the dataset {@code shop}. */
  private static void sendShop() {
    Map<String, Double> before = server.acceptedRows();
    int status =
        ProducerMain.run(
            "--endpoint",
            "http://127.0.0.1:" + server.grpcPort(),
            "--api-key",
            "sk-acme",
            "--dataset",
            "shop",
            "--signals",
            "traces,logs,metrics",
            "--traces",
            "200",
            "--rate",
            "100",
            "--seed",
            "1");
    assertThat(status).isZero();
    server
        .acceptedRows()
        .forEach((signal, rows) -> SHOP_ROWS.put(signal, (long) (rows - before.get(signal))));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void send(Map<String, String> headers, int from, int to) {
    Span.Builder[] spans = new Span.Builder[to - from];
    for (int i = from; i < to; i++) {
      spans[i - from] =
          Spans.span("op-" + i % 4)
              .setKind(Span.SpanKind.SPAN_KIND_SERVER)
              .setStatus(
                  Status.newBuilder()
                      .setCode(
                          i % 10 == 0
                              ? Status.StatusCode.STATUS_CODE_ERROR
                              : Status.StatusCode.STATUS_CODE_OK))
              .addAttributes(Spans.text("http.route", "/r" + i % 2))
              .addAttributes(Spans.text("customer", "c" + i))
              .addAttributes(Spans.number("http.response.status_code", i % 10 == 0 ? 500 : 200));
    }
    try (OtlpGrpc otlp = new OtlpGrpc(server, headers)) {
      otlp.send(Spans.request("shop", spans));
    }
  }

  private static Connection connect(String key, Map<String, String> more) throws SQLException {
    Properties properties = new Properties();
    properties.put("token", key);
    properties.putAll(more);
    return DriverManager.getConnection(
        "jdbc:arrow-flight-sql://127.0.0.1:" + server.flightPort() + "/?useEncryption=false",
        properties);
  }

  private static Connection acme() throws SQLException {
    return connect("sk-acme", Map.of());
  }

  /** Closes the results. */
  private static List<Map<String, Object>> rows(ResultSet results) throws SQLException {
    try (results) {
      List<Map<String, Object>> rows = new ArrayList<>();
      ResultSetMetaData columns = results.getMetaData();
      while (results.next()) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          row.put(columns.getColumnLabel(i), results.getObject(i));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  private static List<Map<String, Object>> query(String sql, Object... values) throws SQLException {
    try (Connection connection = acme()) {
      return query(connection, sql, values);
    }
  }

  private static List<Map<String, Object>> query(
      Connection connection, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      try (ResultSet results = statement.executeQuery()) {
        return rows(results);
      }
    }
  }

  private static List<Map<String, Object>> shop(String sql) throws SQLException {
    try (Connection connection = connect("sk-acme", Map.of("x-dataset-id", "shop"))) {
      return query(connection, sql);
    }
  }

  private static double number(Map<String, Object> row, String column) {
    return ((Number) row.get(column)).doubleValue();
  }

  /** Adds up the column of the rows by service. */
  private static Map<String, Double> byService(List<Map<String, Object>> rows, String column) {
    return rows.stream()
        .collect(
            Collectors.groupingBy(
                row -> (String) row.get("service_name"),
                Collectors.summingDouble(row -> number(row, column))));
  }

  @Test
  void unitesCommittedAndFreshRows() throws Exception {
    assertThat(query("SELECT count(*) AS n FROM traces").toString()).isEqualTo("[{n=40}]");
    assertThat(query("SELECT count(*) AS n FROM acme.prod.traces").toString())
        .isEqualTo("[{n=40}]");
    try (Connection connection = acme();
        Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery("SELECT * FROM traces")) {
      assertThat(rows(results)).hasSize(SPANS);
    }
  }

  @Test
  void readsEveryDatasetOfTheTenantAndStartsInTheOneNamed() throws Exception {
    assertThat(query("SELECT count(*) AS n FROM archive.traces").toString()).isEqualTo("[{n=3}]");
    try (Connection connection = connect("sk-acme", Map.of("x-dataset-id", "archive"));
        Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery("SELECT count(*) AS n FROM traces")) {
      assertThat(rows(results).toString()).isEqualTo("[{n=3}]");
    }
  }

  @Test
  void findsAttributesByName() throws Exception {
    assertThat(
            query(
                    "SELECT span_attributes['http.route'] AS route,"
                        + " resource_attributes['service.name'] AS service, count(*) AS n,"
                        + " count(*) FILTER (WHERE"
                        + " span_attributes_int['http.response.status_code'] >= 500) AS failed,"
                        + " min(span_attributes['customer']) AS c"
                        + " FROM traces GROUP BY 1, 2 ORDER BY 1")
                .toString())
        .isEqualTo(
            "[{route=/r0, service=shop, n=20, failed=4, c=c0},"
                + " {route=/r1, service=shop, n=20, failed=0, c=c1}]");
  }

  @Test
  void bindsValuesOfPreparedStatements() throws Exception {
    try (Connection connection = acme();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT span_name FROM traces WHERE span_attributes['customer'] = $1"
                    + " AND duration_nanos > $2")) {
      assertThat(statement.getParameterMetaData().getParameterCount()).isEqualTo(2);
      for (String customer : List.of("c1", "c22", "c39")) {
        statement.setString(1, customer);
        statement.setLong(2, 0);
        try (ResultSet results = statement.executeQuery()) {
          assertThat(rows(results)).hasSize(1);
        }
      }
    }
  }

  @Test
  void listsWhatTheCallerSees() throws Exception {
    try (Connection connection = acme()) {
      DatabaseMetaData metadata = connection.getMetaData();
      assertThat(rows(metadata.getCatalogs()).toString()).isEqualTo("[{TABLE_CAT=acme}]");
      assertThat(rows(metadata.getSchemas()))
          .extracting(row -> row.get("TABLE_SCHEM"))
          .containsExactly("archive", "prod", "shop");
      assertThat(rows(metadata.getTables("acme", "prod", "tra%", null)))
          .extracting(row -> row.get("TABLE_NAME"))
          .containsExactly("traces");
      assertThat(rows(metadata.getTables("globex", null, null, null))).isEmpty();
      assertThat(rows(metadata.getTableTypes()).toString()).isEqualTo("[{TABLE_TYPE=TABLE}]");
      assertThat(rows(metadata.getColumns("acme", "prod", "traces", "span_name")))
          .extracting(row -> row.get("TYPE_NAME"))
          .containsExactly("VARCHAR");
      assertThat(rows(metadata.getPrimaryKeys("acme", "prod", "traces"))).isEmpty();
      assertThat(rows(metadata.getImportedKeys("acme", "prod", "traces"))).isEmpty();
      assertThat(metadata.getDatabaseProductName()).isEqualTo("SignalDB");
      assertThat(metadata.isReadOnly()).isTrue();
    }
  }

  @Test
  void countsInEveryTableWhatWasSent() throws Exception {
    Map<String, Long> rows = new HashMap<>();
    for (String table :
        List.of(
            "traces",
            "logs",
            "metrics_gauge",
            "metrics_sum",
            "metrics_histogram",
            "metrics_exponential_histogram",
            "metrics_summary")) {
      rows.put(table, (long) number(shop("SELECT count(*) AS n FROM " + table).get(0), "n"));
    }

    assertThat(rows.values()).allMatch(count -> count > 0);
    assertThat(rows)
        .containsEntry("traces", SHOP_ROWS.get("traces"))
        .containsEntry("logs", SHOP_ROWS.get("logs"));
    // Each report of a service has one point of each of these, and of sums those of the histogram,
    // which have the same series, and one more.
    long reports = rows.get("metrics_gauge");
    assertThat(rows)
        .containsEntry("metrics_exponential_histogram", reports)
        .containsEntry("metrics_summary", reports)
        .containsEntry("metrics_sum", rows.get("metrics_histogram") + reports);
    assertThat(rows.get("metrics_sum") + rows.get("metrics_histogram") + 3 * reports)
        .isEqualTo(SHOP_ROWS.get("metrics"));
  }

  @Test
  void answersTheDocumentedQuestions() throws Exception {
    List<String> questions = documentedQuestions();
    assertThat(questions).hasSize(5);
    List<Map<String, Object>> spans =
        shop(
            "SELECT service_name, count(*) AS n, max(duration_nanos) / 1e9 AS longest FROM traces"
                + " GROUP BY 1");
    Map<String, Double> counts = byService(spans, "n");
    Map<String, Double> longest = byService(spans, "longest");

    assertThat(query(questions.get(0)).toString())
        .contains("route=/r0, requests=20, error_percent=20.0")
        .contains("route=/r1, requests=20, error_percent=0.0");
    assertThat(shop(questions.get(0)))
        .extracting(row -> row.get("service_name"))
        .contains("frontend");

    assertThat(shop(questions.get(1)))
        .isNotEmpty()
        .allSatisfy(
            row ->
                assertThat(row)
                    .containsEntry("exception", "java.util.concurrent.TimeoutException")
                    .containsEntry("entry_service", "frontend")
                    .doesNotContainValue(null));

    List<Map<String, Object>> rates = shop(questions.get(2));
    assertThat(byService(rates, "operations")).isEqualTo(counts);
    assertThat(rates)
        .allSatisfy(
            row ->
                assertThat(number(row, "latest"))
                    .isBetween(number(row, "shortest"), number(row, "longest")));

    List<Map<String, Object>> durations = shop(questions.get(3));
    assertThat(byService(durations, "histogram_p99")).containsOnlyKeys(counts.keySet());
    assertThat(durations)
        .allSatisfy(
            row -> {
              double seconds = longest.get((String) row.get("service_name"));
              // The bounds of buckets are at most a factor of 2.5 apart, the first is 5 ms.
              assertThat(number(row, "histogram_p99"))
                  .isPositive()
                  .isLessThanOrEqualTo(Math.max(0.005, 2.5 * seconds));
              assertThat(number(row, "summary_p99"))
                  .isPositive()
                  .isLessThanOrEqualTo(seconds + 1e-9);
            });

    List<Map<String, Object>> sizes = shop(questions.get(4));
    assertThat(byService(sizes, "messages")).isEqualTo(counts);
    assertThat(sizes)
        .allSatisfy(
            row -> {
              assertThat(number(row, "mean_bytes")).isBetween(0.0, number(row, "max_bytes"));
              assertThat(number(row, "p95_at_most"))
                  .isPositive()
                  .isLessThanOrEqualTo(2 * number(row, "max_bytes"));
            });
  }

  private static List<String> documentedQuestions() throws IOException {
    String page = Files.readString(Path.of(System.getProperty("signaldb.root"), "docs", "sql.md"));
    return Pattern.compile("```sql\n((?:SELECT|WITH)\\s.+?)```", Pattern.DOTALL)
        .matcher(page)
        .results()
        .map(block -> block.group(1))
        .toList();
  }

  @Test
  void explains() throws Exception {
    assertThat(query("EXPLAIN SELECT count(*) FROM traces").toString()).contains("TableScan");
  }

  @Test
  void refusesWhatIsNoQueryOfTheTenantsTables() {
    Map<String, String> refused =
        Map.ofEntries(
            Map.entry("INSERT INTO traces (trace_id) VALUES ('x')", "only queries are accepted"),
            Map.entry("COPY traces TO '/tmp/x.parquet'", "only queries are accepted"),
            Map.entry("DROP TABLE traces", "only queries are accepted"),
            Map.entry("CREATE VIEW v AS SELECT 1", "only queries are accepted"),
            Map.entry(
                "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
                "only queries are accepted"),
            Map.entry("SET datafusion.execution.batch_size = 1", "only queries are accepted"),
            Map.entry("SELECT * FROM '/etc/passwd'", "not found"),
            Map.entry("SELECT * FROM globex.prod.traces", "table 'globex.prod.traces' not found"),
            Map.entry("SELECT no_such FROM traces", "no_such"),
            Map.entry("SELEKT 1", "Expected"),
            Map.entry("SELECT '" + "x".repeat(10_000) + "'", "at most 10000 (sql.max_text_bytes)"),
            Map.entry("SELECT * FROM generate_series(1, 5000)", "sql.max_rows"),
            Map.entry(
                "SELECT sum(a.value * b.value % 7) FROM generate_series(1, 10000000) a,"
                    + " generate_series(1, 10000000) b",
                "sql.memory_bytes"));
    refused.forEach(
        (sql, part) ->
            assertThatThrownBy(() -> query(sql))
                .as(sql.length() > 100 ? "a long one" : sql)
                .isInstanceOf(SQLException.class)
                .hasStackTraceContaining(part));
    assertThatThrownBy(
            () -> {
              try (Connection connection = acme();
                  Statement statement = connection.createStatement()) {
                statement.executeUpdate("DELETE FROM traces");
              }
            })
        .hasStackTraceContaining("only queries are accepted");
  }

  @Test
  void refusesCallersWithoutAKey() {
    assertThatThrownBy(
            () -> {
              try (Connection connection = connect("sk-nobody", Map.of());
                  Statement statement = connection.createStatement()) {
                statement.executeQuery("SELECT 1");
              }
            })
        .hasStackTraceContaining("unknown, revoked or expired");
  }
}
