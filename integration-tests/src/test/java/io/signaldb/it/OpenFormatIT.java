package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.signaldb.producer.ProducerMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is stored is plain Iceberg and Parquet: readers that know nothing of SignalDB agree. */
class OpenFormatIT {
  private static final int TRACES = 500;

  @TempDir static Path directory;
  private static SignalDbProcess server;
  private static int rows;

  @BeforeAll
  static void store() throws Exception {
    server = SignalDbProcess.start(directory, Map.of("SIGNALDB_WRITER_COMMIT_MAX_AGE", "1s"));
    assertThat(
            ProducerMain.run(
                "--endpoint", "http://127.0.0.1:" + server.grpcPort(),
                "--traces", "" + TRACES,
                "--rate", "0"))
        .isZero();
    rows = new Tempo(server).search("{ }", "&limit=" + 10 * TRACES).json().path("traces").size();
    server.stop();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void icebergsJavaLibraryReadsEverySpanOnce() {
    assertThat(rows).isEqualTo(TRACES);
    Map<String, Integer> stored = StoredRows.bySpanId(server.dataDir());

    assertThat(stored).hasSizeGreaterThan(TRACES);
    assertThat(stored.values()).containsOnly(1);
  }

  @Test
  void duckDbReadsTheSameRows() throws Exception {
    Path python = virtualEnvironment("duckdb");
    String count =
        run(
            List.of(
                python.toString(),
                "-c",
                "import duckdb,sys; print(*duckdb.execute(f\"SELECT count(*), count(DISTINCT trace_id),"
                    + " count(DISTINCT service_name), sum(is_root::int) FROM"
                    + " read_parquet('{sys.argv[1]}/**/*.parquet', union_by_name=true)\")"
                    + ".fetchone())",
                server.dataDir().resolve("storage/default/default/traces/data").toString()));

    int stored = StoredRows.bySpanId(server.dataDir()).size();
    assertThat(count.strip()).isEqualTo("%d %d 12 %d".formatted(stored, TRACES, TRACES));
  }

  /** Python with a package from PyPI, kept in target/; the test is skipped where there is none. */
  private static Path virtualEnvironment(String module) throws Exception {
    Path environment = Path.of("target", "python-" + module).toAbsolutePath();
    Path python = environment.resolve("bin/python");
    Path log = directory.resolve("python.log");
    boolean usable =
        succeeds(List.of(python.toString(), "-c", "import " + module), log)
            || (succeeds(List.of("python3", "-m", "venv", environment.toString()), log)
                && succeeds(List.of(python.toString(), "-m", "pip", "install", "-q", module), log));
    assumeTrue(usable, () -> "skipped: no Python with " + module + ": " + read(log));
    return python;
  }

  private static boolean succeeds(List<String> command, Path log) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      return process.waitFor(Duration.ofMinutes(3).toSeconds(), TimeUnit.SECONDS)
          && process.exitValue() == 0;
    } catch (IOException e) {
      // No such program.
      return false;
    }
  }

  private static String run(List<String> command) throws Exception {
    Path output = directory.resolve("output.log");
    assertThat(succeeds(command, output)).as(read(output)).isTrue();
    return Files.readString(output);
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "no such program";
    } catch (IOException e) {
      return e.toString();
    }
  }
}
