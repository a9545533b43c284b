package io.signaldb.common.service;

import static io.signaldb.common.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts real processes: exit codes and signals cannot be seen from inside. */
class ServiceRunnerTest {
  @TempDir Path directory;
  private Process process;

  /** A writer that does nothing; its data directory tells how it is to misbehave. */
  public static final class FakeWriter {
    private FakeWriter() {}

    public static void main(String[] args) {
      ServiceRunner.run(
          "writer",
          args,
          (config, context) ->
              new Component() {
                @Override
                public void start() {
                  if (Files.exists(config.dataDir().resolve("refuse"))) {
                    throw new SignalDbException(
                        ErrorCode.UNAVAILABLE, "port 50061 is taken; expected a free one");
                  }
                  System.out.println("started on " + config.writer().flightPort());
                }

                @Override
                public void close() {
                  while (Files.exists(config.dataDir().resolve("hang"))) {
                    Thread.onSpinWait();
                  }
                  System.out.println("closed");
                }
              });
    }
  }

  @AfterEach
  void kill() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private void run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "--add-opens=java.base/java.nio=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(FakeWriter.class.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("SIGNALDB_"));
    process =
        builder
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();
  }

  private int exitCode() throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("process ended").isTrue();
    return process.exitValue();
  }

  private String out() {
    return read("out");
  }

  private String err() {
    return read("err");
  }

  private String read(String file) {
    try {
      return Files.readString(directory.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void startsAndClosesOnSigterm() throws Exception {
    run("--data-dir", "data", "--flight-port", "4711");
    eventually(() -> assertThat(out()).isEqualTo("started on 4711\n"));
    eventually(() -> assertThat(err()).contains("writer is ready"));
    process.destroy();
    assertThat(exitCode()).isEqualTo(143);
    assertThat(out()).endsWith("closed\n");
    assertThat(err()).contains("writer has stopped");
    assertThat(directory.resolve("data/signaldb.db")).exists();
  }

  @Test
  void isCutOffWhenItDoesNotCloseInTime() throws Exception {
    Files.createDirectories(directory.resolve("data"));
    Files.createFile(directory.resolve("data/hang"));
    run("--data-dir", "data", "--set", "service.shutdown_timeout=200ms");
    eventually(() -> assertThat(err()).contains("writer is ready"));
    process.destroy();
    assertThat(exitCode()).isEqualTo(1);
    assertThat(err()).contains("Not stopped after PT0.2S");
  }

  @Test
  void tellsInOneLineWhyItCannotStart() throws Exception {
    Files.createDirectories(directory.resolve("data"));
    Files.createFile(directory.resolve("data/refuse"));
    run("--data-dir", "data");
    assertThat(exitCode()).isEqualTo(1);
    assertThat(err()).contains("writer: port 50061 is taken; expected a free one\n");
    assertThat(err()).doesNotContain("Exception");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "start --flight-port many | writer.flight_port = \"many\": expected an integer",
        "validate --set writer.nothing=1 | option writer.nothing: no such key",
        "--config none.toml | Cannot read configuration file 'none.toml'",
        "stop | Unmatched argument at index 0: 'stop'",
      })
  void refusesAWrongCommandLineWithExitCode2(String arguments, String message) throws Exception {
    run(arguments.split(" "));
    assertThat(exitCode()).isEqualTo(2);
    assertThat(err()).contains(message).doesNotContain("\tat ");
  }

  @Test
  void printsTheConfigurationInEffectAndChecksIt() throws Exception {
    Files.writeString(directory.resolve("signaldb.toml"), "[writer]\nflight_port = 17\n");
    run("config", "--bind", "127.0.0.9");
    assertThat(exitCode()).isZero();
    assertThat(out()).contains("[writer]\nbind = \"127.0.0.9\"\nflight_port = 17\n");
    run("validate");
    assertThat(exitCode()).isZero();
    assertThat(out()).isEqualTo("The configuration is valid.\n");
    run("version");
    assertThat(exitCode()).isZero();
    assertThat(out()).startsWith("writer ");
  }
}
