package io.signaldb.producer;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import java.util.List;

/**
 * One span of a scenario: what a service does, and the operations it waits for meanwhile.
 *
 * @param service the service that reports the span
 * @param selfMillis median of the time spent outside {@code calls}
 * @param attributes what every run of the operation carries
 * @param calls run one after the other, in list order
 */
record Operation(
    String service,
    String name,
    SpanKind kind,
    double selfMillis,
    Attributes attributes,
    List<Operation> calls) {

  Operation {
    if (selfMillis <= 0) {
      throw new IllegalArgumentException("selfMillis of " + name + " must be > 0: " + selfMillis);
    }
    calls = List.copyOf(calls);
  }
}
