package io.signaldb.acceptor.otlp;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with the spans of one request. */
final class SpanValidator extends RowValidator {
  private static final int TRACE_ID_BYTES = 16;
  private static final int SPAN_ID_BYTES = 8;
  private static final int SHOWN_BYTES = 32;

  SpanValidator(RowLimits limits, long nowUnixNano) {
    super(limits, nowUnixNano);
  }

  /** Why {@code span} cannot be stored, or null if it can. */
  @Nullable Rejection check(Span span) {
    Rejection rejection = checkId("trace_id", span.getTraceId(), TRACE_ID_BYTES);
    if (rejection == null) {
      rejection = checkId("span_id", span.getSpanId(), SPAN_ID_BYTES);
    }
    if (rejection == null) {
      rejection = checkParent(span.getParentSpanId());
    }
    if (rejection == null) {
      rejection = checkTimes(span);
    }
    if (rejection == null) {
      rejection = checkAttributes(span.getAttributesList());
    }
    for (int i = 0; rejection == null && i < span.getEventsCount(); i++) {
      rejection = checkAttributes(span.getEvents(i).getAttributesList());
    }
    for (int i = 0; rejection == null && i < span.getLinksCount(); i++) {
      rejection = checkAttributes(span.getLinks(i).getAttributesList());
    }
    return rejection;
  }

  /** Whether {@link #check} would find nothing wrong with the ids and times of a span. */
  boolean accepts(WireFrame span, SpanSlots slots) {
    return isId(span, slots.traceId(), TRACE_ID_BYTES)
        && isId(span, slots.spanId(), SPAN_ID_BYTES)
        && (span.length(slots.parentSpanId()) == 0
            || span.length(slots.parentSpanId()) == SPAN_ID_BYTES)
        && isTime(span.value(slots.startTimeUnixNano()))
        && span.value(slots.endTimeUnixNano()) >= span.value(slots.startTimeUnixNano())
        && span.value(slots.endTimeUnixNano()) <= latestUnixNano();
  }

  private static boolean isId(WireFrame span, int slot, int bytes) {
    return span.length(slot) == bytes && !Hex.isAbsent(span.bytes(), span.offset(slot), bytes);
  }

  private static @Nullable Rejection checkId(String field, ByteString id, int bytes) {
    if (id.size() == bytes && !Hex.isAbsent(id)) {
      return null;
    }
    String found;
    if (id.isEmpty()) {
      found = "is empty";
    } else if (id.size() != bytes) {
      found = "%s has %d bytes".formatted(shown(id), id.size());
    } else {
      found = "is all zeros";
    }
    return new Rejection(
        field, "%s %s, expected %d bytes that are not all zero".formatted(field, found, bytes));
  }

  private static @Nullable Rejection checkParent(ByteString id) {
    if (id.isEmpty() || id.size() == SPAN_ID_BYTES) {
      return null;
    }
    return new Rejection(
        "parent_span_id",
        "parent_span_id %s has %d bytes, expected none or %d"
            .formatted(shown(id), id.size(), SPAN_ID_BYTES));
  }

  private @Nullable Rejection checkTimes(Span span) {
    long start = span.getStartTimeUnixNano();
    long end = span.getEndTimeUnixNano();
    if (start == 0) {
      return checkTime("start_time_unix_nano", start);
    }
    if (end == 0) {
      return new Rejection("end zero", "end_time_unix_nano is 0");
    }
    if (Long.compareUnsigned(end, start) < 0) {
      return new Rejection(
          "end before start",
          "end_time_unix_nano %s is before start_time_unix_nano %s"
              .formatted(Long.toUnsignedString(end), Long.toUnsignedString(start)));
    }
    Rejection wrongStart = checkTime("start_time_unix_nano", start);
    return wrongStart != null ? wrongStart : checkFuture("end_time_unix_nano", end);
  }

  private static String shown(ByteString id) {
    ByteString head = id.substring(0, Math.min(id.size(), SHOWN_BYTES));
    return HexFormat.of().formatHex(head.toByteArray()) + (head.size() < id.size() ? "…" : "");
  }
}
