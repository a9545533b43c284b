package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.signaldb.producer.ProducerMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients of all signals send is in the tables, row for row. */
class SignalsIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final List<String> TABLES =
      List.of(
          "traces",
          "logs",
          "metrics_gauge",
          "metrics_sum",
          "metrics_histogram",
          "metrics_exponential_histogram",
          "metrics_summary");

  @TempDir static Path directory;
  private static SignalDbProcess server;

  @BeforeAll
  static void start() throws Exception {
    server =
        SignalDbProcess.start(
            directory,
            Map.of(
                "SIGNALDB_WRITER_COMMIT_INTERVAL", "300ms",
                "SIGNALDB_WRITER_COMMIT_MAX_AGE", "300ms"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "logs, grpc, , logs",
    "logs, http, , logs",
    "metrics, grpc, Gauge, metrics_gauge",
    "metrics, http, Sum, metrics_sum",
    "metrics, grpc, Histogram, metrics_histogram",
    "metrics, http, ExponentialHistogram, metrics_exponential_histogram",
  })
  void storesWhatTelemetrygenSends(String signal, String protocol, String type, String table)
      throws Exception {
    Optional<Path> telemetrygen = Programs.onPath("telemetrygen");
    assumeTrue(
        telemetrygen.isPresent(),
        "skipped: no telemetrygen on the PATH (go install"
            + " github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@latest)");
    String service = "telemetrygen-%s-%s-%s".formatted(signal, protocol, type);
    List<String> command =
        new ArrayList<>(
            List.of(
                telemetrygen.get().toString(),
                signal,
                "--otlp-insecure",
                "--otlp-endpoint",
                "127.0.0.1:"
                    + (protocol.equals("grpc") ? server.grpcPort() : server.otlpHttp().getPort()),
                "--" + signal,
                "25",
                "--rate",
                "0",
                "--service",
                service));
    if (protocol.equals("http")) {
      command.add("--otlp-http");
    }
    if (type != null) {
      command.addAll(List.of("--metric-type", type));
    }
    Path log = directory.resolve(service + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();

    Await.untilPasses(
        SOON, () -> assertThat(rows(table, "service_name").getOrDefault(service, 0)).isEqualTo(25));
  }

  @Test
  void storesWhatTheSdkSendsInAllTables() {
    Map<String, Double> before = server.acceptedRows();

    int status =
        ProducerMain.run(
            "--endpoint",
            "http://127.0.0.1:" + server.grpcPort(),
            "--signals",
            "traces,logs,metrics",
            "--traces",
            "50",
            "--rate",
            "0");

    assertThat(status).isZero();
    Map<String, Double> after = server.acceptedRows();
    for (String table : TABLES) {
      Await.untilPasses(
          SOON, () -> assertThat(rows(table, "service_name")).containsKey("frontend"));
    }
    Await.untilPasses(
        SOON,
        () -> {
          assertThat(shopRows("traces")).isEqualTo(after.get("traces") - before.get("traces"));
          assertThat(shopRows("logs")).isEqualTo(after.get("logs") - before.get("logs"));
          assertThat(
                  TABLES.stream()
                      .filter(table -> table.startsWith("metrics_"))
                      .mapToDouble(SignalsIT::shopRows)
                      .sum())
              .isEqualTo(after.get("metrics") - before.get("metrics"));
        });
  }

  /** Rows of the table that the shop of the producer has sent. */
  private static double shopRows(String table) {
    return rows(table, "service_name").entrySet().stream()
        .filter(row -> !row.getKey().startsWith("telemetrygen"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static Map<String, Integer> rows(String table, String column) {
    assertThat(ParquetFiles.below(server.dataDir().resolve("storage/default/default/" + table)))
        .as("files of %s", table)
        .isNotEmpty();
    try {
      return StoredRows.by(server.dataDir(), table, column);
    } catch (org.apache.iceberg.exceptions.NoSuchTableException e) {
      throw new AssertionError("no table " + table + " yet", e);
    }
  }
}
