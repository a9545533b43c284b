package io.signaldb.common.schema;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.util.Locale;

/** A kind of telemetry. A signal may have several tables: metrics have one per kind of point. */
public enum Signal {
  TRACES,
  LOGS,
  METRICS;

  /** The name on the wire, in WAL paths and in {@code schemas.toml}: {@code traces}. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The signal of a {@link #wireName}.
   *
   * @throws SignalDbException INVALID_ARGUMENT for any other text
   */
  public static Signal parse(String wireName) {
    for (Signal signal : values()) {
      if (signal.wireName().equals(wireName)) {
        return signal;
      }
    }
    throw new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "Unknown signal '%s': expected traces, logs or metrics".formatted(wireName));
  }
}
