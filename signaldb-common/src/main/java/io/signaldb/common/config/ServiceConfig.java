package io.signaldb.common.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

@Doc("What every process has: memory, logging, shutdown.")
public record ServiceConfig(
    @Doc("Limit of Arrow buffers held by the process outside the Java heap.") @Default("1GiB")
        long arrowMemoryBytes,
    @Doc("Lowest level that is logged: TRACE, DEBUG, INFO, WARN or ERROR.") @Default("INFO")
        LogLevel logLevel,
    @Doc("How log lines are written to standard error: text or json.") @Default("text")
        LogFormat logFormat,
    @Doc("How long a stopping process may take to drain and flush.") @Default("30s")
        Duration shutdownTimeout,
    @Doc("Address of http_port.") @Default("127.0.0.1") String bind,
    @Doc(
            example = "9464",
            value =
                "Port of /health, /ready and /metrics in processes without an HTTP API; Acceptor and"
                    + " Router serve them on their own ports. None when absent.")
        @Range(min = 0, max = 65535)
        @Nullable Integer httpPort) {

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
