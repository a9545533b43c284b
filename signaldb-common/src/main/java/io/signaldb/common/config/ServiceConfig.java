package io.signaldb.common.config;

import java.time.Duration;

@Doc("What every process has: memory, logging, shutdown.")
public record ServiceConfig(
    @Doc("Limit of Arrow buffers held by the process outside the Java heap.") @Default("1GiB")
        long arrowMemoryBytes,
    @Doc("Lowest level that is logged: TRACE, DEBUG, INFO, WARN or ERROR.") @Default("INFO")
        LogLevel logLevel,
    @Doc("How log lines are written to standard error: text or json.") @Default("text")
        LogFormat logFormat,
    @Doc("How long a stopping process may take to drain and flush.") @Default("30s")
        Duration shutdownTimeout) {

  /** Spelled in any case. */
  public enum LogLevel {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  /** Spelled in any case. */
  public enum LogFormat {
    TEXT,
    JSON
  }
}
