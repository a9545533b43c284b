package io.signaldb.producer;

import java.util.Locale;

/** A kind of telemetry. */
enum Signal {
  TRACES,
  LOGS,
  METRICS;

  /** As in {@code --signals} and in the paths of OTLP/HTTP. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
