package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with the rows of one request, whatever their signal. */
class RowValidator {
  private final RowLimits limits;
  private final long nowUnixNano;
  private final long earliestUnixNano;
  private final long latestUnixNano;

  RowValidator(RowLimits limits, long nowUnixNano) {
    this.limits = limits;
    this.nowUnixNano = nowUnixNano;
    earliestUnixNano = nowUnixNano - limits.maxPast().toNanos();
    latestUnixNano = nowUnixNano + limits.maxFuture().toNanos();
  }

  final AttributeLimits limits() {
    return limits.attributes();
  }

  final long nowUnixNano() {
    return nowUnixNano;
  }

  final long latestUnixNano() {
    return latestUnixNano;
  }

  /** Why rows with these attributes, their own or their resource's, cannot be stored, or null. */
  final @Nullable Rejection checkAttributes(List<KeyValue> attributes) {
    return limits.attributes().check(attributes);
  }

  /** Whether {@link #checkTime} would find nothing wrong. */
  final boolean isTime(long unixNano) {
    return unixNano > 0 && unixNano >= earliestUnixNano && unixNano <= latestUnixNano;
  }

  /** Why a row of this time cannot be stored, or null. */
  final @Nullable Rejection checkTime(String field, long unixNano) {
    if (unixNano == 0) {
      return new Rejection(field + " zero", field + " is 0");
    }
    // A value beyond 2^63 is negative here and means the year 2262 or later.
    if (unixNano > 0 && unixNano < earliestUnixNano) {
      return outside(field, unixNano, limits.maxPast() + " before");
    }
    return checkFuture(field, unixNano);
  }

  /** Why a row cannot be stored that ends then, or null. */
  final @Nullable Rejection checkFuture(String field, long unixNano) {
    return unixNano < 0 || unixNano > latestUnixNano
        ? outside(field, unixNano, limits.maxFuture() + " after")
        : null;
  }

  private Rejection outside(String field, long value, String bound) {
    return new Rejection(
        field,
        "%s %s is more than %s now (%d)"
            .formatted(field, Long.toUnsignedString(value), bound, nowUnixNano));
  }
}
