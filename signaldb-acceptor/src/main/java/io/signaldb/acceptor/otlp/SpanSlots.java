package io.signaldb.acceptor.otlp;

import java.util.List;

/** Where a {@link WireFrame} of a span has what decides whether the span can be stored. */
record SpanSlots(
    int traceId, int spanId, int parentSpanId, int startTimeUnixNano, int endTimeUnixNano) {
  static SpanSlots of(WireLayout span) {
    return new SpanSlots(
        slot(span, "trace_id"),
        slot(span, "span_id"),
        slot(span, "parent_span_id"),
        slot(span, "start_time_unix_nano"),
        slot(span, "end_time_unix_nano"));
  }

  private static int slot(WireLayout span, String field) {
    return span.slot(field, List.of(field));
  }
}
