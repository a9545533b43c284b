package io.signaldb.monolith;

import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends the traces of a small shop from a second process, which then prints three questions with
 * their answers. One thread starts and closes it.
 */
final class Demo implements Component {
  private static final String TRACES_PER_SECOND = "50";
  private static final String DURATION = "10s";
  private static final long STOP_SECONDS = 5;

  /** Where the load generator looks for its key. */
  private static final String KEY_VARIABLE = "SIGNALDB_API_KEY";

  private final SignalDbConfig config;
  private final Path producer;
  private @Nullable Process process;

  /**
   * @param producer the executable jar of signal-producer
   */
  Demo(SignalDbConfig config, Path producer) {
    this.config = config;
    this.producer = producer;
  }

  /**
   * @throws SignalDbException INVALID_ARGUMENT if keys are required and there is none to send with
   */
  @Override
  public void start() throws IOException {
    ProcessBuilder command =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx128m",
                "-jar",
                producer.toString(),
                "--endpoint",
                "http://" + Banner.address(config.acceptor().bind(), config.acceptor().grpcPort()),
                "--rate",
                TRACES_PER_SECOND,
                "--duration",
                DURATION,
                "--questions",
                "http://"
                    + Banner.address(config.router().bind(), config.router().httpPort())
                    + "/tempo")
            .inheritIO();
    if (config.auth().enabled()) {
      // Not on the command line, which others can read.
      command.environment().computeIfAbsent(KEY_VARIABLE, unset -> key());
    }
    process = command.start();
  }

  private String key() {
    return config.auth().tenants().stream()
        .flatMap(tenant -> tenant.apiKeys().stream())
        .findFirst()
        .orElseThrow(
            () ->
                new SignalDbException(
                    ErrorCode.INVALID_ARGUMENT,
                    "The demonstration has no key to send traces with: expected one below"
                        + " [[auth.tenants]] or in the environment variable "
                        + KEY_VARIABLE))
        .key();
  }

  @Override
  public void close() {
    Process started = process;
    if (started == null) {
      return;
    }
    process = null;
    started.destroy();
    try {
      if (!started.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        started.destroyForcibly();
      }
    } catch (InterruptedException e) {
      started.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
