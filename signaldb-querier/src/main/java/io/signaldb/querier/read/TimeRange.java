package io.signaldb.querier.read;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Bounds on the start of spans.
 *
 * @param startUnixNano inclusive
 * @param endUnixNano inclusive
 */
public record TimeRange(long startUnixNano, long endUnixNano) {
  /** No bounds. */
  public static final TimeRange ALL = new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE);

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long MAX_SECONDS = Long.MAX_VALUE / NANOS_PER_SECOND;

  /**
   * The range a request names.
   *
   * @param startSeconds Unix seconds, null for unbounded
   * @param endSeconds Unix seconds, null for unbounded; the whole second is inside
   * @throws SignalDbException INVALID_ARGUMENT if the start is after the end, or a time is negative
   *     or beyond the year 2262
   */
  public static TimeRange ofSeconds(@Nullable Long startSeconds, @Nullable Long endSeconds) {
    long start = startSeconds == null ? Long.MIN_VALUE : nanos("start", startSeconds);
    long end =
        endSeconds == null ? Long.MAX_VALUE : nanos("end", endSeconds) + NANOS_PER_SECOND - 1;
    if (start > end) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid time range: start %d is after end %d; expected start <= end in Unix seconds"
              .formatted(startSeconds, endSeconds));
    }
    return new TimeRange(start, end);
  }

  private static long nanos(String what, long seconds) {
    if (seconds < 0 || seconds >= MAX_SECONDS) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid %s %d: expected Unix seconds from 0 to %d"
              .formatted(what, seconds, MAX_SECONDS - 1));
    }
    return seconds * NANOS_PER_SECOND;
  }

  /** This range and as much before and behind it. */
  public TimeRange widenedBy(Duration slack) {
    long nanos = slack.toNanos();
    return new TimeRange(
        startUnixNano < Long.MIN_VALUE + nanos ? Long.MIN_VALUE : startUnixNano - nanos,
        endUnixNano > Long.MAX_VALUE - nanos ? Long.MAX_VALUE : endUnixNano + nanos);
  }

  /** Whether a time is inside. */
  public boolean contains(long unixNano) {
    return unixNano >= startUnixNano && unixNano <= endUnixNano;
  }
}
