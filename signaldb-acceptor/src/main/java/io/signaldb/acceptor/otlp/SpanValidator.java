package io.signaldb.acceptor.otlp;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with the spans of one request. */
final class SpanValidator {
  private static final int TRACE_ID_BYTES = 16;
  private static final int SPAN_ID_BYTES = 8;
  private static final int SHOWN_BYTES = 32;

  private final SpanLimits limits;
  private final long nowUnixNano;
  private final long earliestUnixNano;
  private final long latestUnixNano;

  SpanValidator(SpanLimits limits, long nowUnixNano) {
    this.limits = limits;
    this.nowUnixNano = nowUnixNano;
    earliestUnixNano = nowUnixNano - limits.maxPast().toNanos();
    latestUnixNano = nowUnixNano + limits.maxFuture().toNanos();
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

  /** Why spans with these attributes, their own or their resource's, cannot be stored, or null. */
  @Nullable Rejection checkAttributes(List<KeyValue> attributes) {
    for (int i = 0; i < attributes.size(); i++) {
      KeyValue attribute = attributes.get(i);
      Rejection rejection = checkValue(attribute.getKey(), attribute.getValue());
      if (rejection != null) {
        return rejection;
      }
    }
    return null;
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
      return new Rejection("start zero", "start_time_unix_nano is 0");
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
    // A value beyond 2^63 is negative here and means the year 2262 or later.
    if (start > 0 && start < earliestUnixNano) {
      return outside("start_time_unix_nano", start, limits.maxPast() + " before");
    }
    if (start < 0 || start > latestUnixNano) {
      return outside("start_time_unix_nano", start, limits.maxFuture() + " after");
    }
    if (end < 0 || end > latestUnixNano) {
      return outside("end_time_unix_nano", end, limits.maxFuture() + " after");
    }
    return null;
  }

  private Rejection outside(String field, long value, String bound) {
    return new Rejection(
        field,
        "%s %s is more than %s now (%d)"
            .formatted(field, Long.toUnsignedString(value), bound, nowUnixNano));
  }

  private @Nullable Rejection checkValue(String key, AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> checkSize(key, value.getStringValue());
      case BYTES_VALUE ->
          value.getBytesValue().size() > limits.maxValueBytes()
              ? tooLarge(key, value.getBytesValue().size())
              : null;
      case ARRAY_VALUE, KVLIST_VALUE ->
          isDeeperThan(limits.maxDepth(), value)
              ? new Rejection(
                  "attribute depth",
                  "attribute '%s' is nested more than %d levels deep"
                      .formatted(shown(key), limits.maxDepth()))
              : null;
      case INT_VALUE, DOUBLE_VALUE, BOOL_VALUE, STRING_VALUE_STRINDEX, VALUE_NOT_SET -> null;
    };
  }

  private @Nullable Rejection checkSize(String key, String value) {
    // A char takes at most three bytes of UTF-8, so most values need not be counted.
    if (value.length() * 3L <= limits.maxValueBytes()) {
      return null;
    }
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    return bytes > limits.maxValueBytes() ? tooLarge(key, bytes) : null;
  }

  private Rejection tooLarge(String key, int bytes) {
    return new Rejection(
        "attribute size",
        "attribute '%s' has a value of %d bytes, expected at most %d"
            .formatted(shown(key), bytes, limits.maxValueBytes()));
  }

  private static boolean isDeeperThan(int levels, AnyValue value) {
    if (value.hasArrayValue()) {
      for (AnyValue element : value.getArrayValue().getValuesList()) {
        if (levels == 0 || isDeeperThan(levels - 1, element)) {
          return true;
        }
      }
    } else if (value.hasKvlistValue()) {
      for (KeyValue entry : value.getKvlistValue().getValuesList()) {
        if (levels == 0 || isDeeperThan(levels - 1, entry.getValue())) {
          return true;
        }
      }
    }
    return false;
  }

  private static String shown(ByteString id) {
    ByteString head = id.substring(0, Math.min(id.size(), SHOWN_BYTES));
    return HexFormat.of().formatHex(head.toByteArray()) + (head.size() < id.size() ? "…" : "");
  }

  private static String shown(String key) {
    return key.length() > 100 ? key.substring(0, 100) + "…" : key;
  }
}
