package io.signaldb.common.flight;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;

/**
 * The intervals that a metrics query counts spans in: {@code (start + i * step, start + (i + 1) *
 * step]} for {@code i} from 0 to {@link #count} - 1, each labelled by its right edge.
 *
 * @param startUnixNano excluded
 * @param endUnixNano included
 * @param stepNanos divides the range without a rest
 */
public record TimeSteps(long startUnixNano, long endUnixNano, long stepNanos) {
  private static final long NANOS_PER_MILLI = 1_000_000;

  public TimeSteps {
    if (startUnixNano < 0 || startUnixNano >= endUnixNano) {
      throw invalid(
          "Invalid range of steps from %d to %d: expected nanoseconds from 0 on, start before end"
              .formatted(startUnixNano, endUnixNano));
    }
    if (stepNanos <= 0 || (endUnixNano - startUnixNano) % stepNanos != 0) {
      throw invalid(
          "Invalid step %d: expected a positive part of the range of %d ns"
              .formatted(stepNanos, endUnixNano - startUnixNano));
    }
    if ((endUnixNano - startUnixNano) / stepNanos > Integer.MAX_VALUE) {
      throw invalid(
          "Step %d ns divides %d ns into too many intervals: expected at most %d"
              .formatted(stepNanos, endUnixNano - startUnixNano, Integer.MAX_VALUE));
    }
  }

  /** The whole range as one interval, for an instant query. */
  public static TimeSteps one(long startUnixNano, long endUnixNano) {
    return new TimeSteps(startUnixNano, endUnixNano, endUnixNano - startUnixNano);
  }

  /** How many intervals there are, at least one. */
  public int count() {
    return (int) ((endUnixNano - startUnixNano) / stepNanos);
  }

  /** The interval a time is in; -1 for a time outside of the range. */
  public int indexOf(long unixNano) {
    return unixNano <= startUnixNano || unixNano > endUnixNano
        ? -1
        : (int) ((unixNano - startUnixNano - 1) / stepNanos);
  }

  /** The label of an interval: its right edge in Unix milliseconds. */
  public long timestampMillis(int index) {
    return (startUnixNano + (index + 1) * stepNanos) / NANOS_PER_MILLI;
  }

  private static SignalDbException invalid(String message) {
    return new SignalDbException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
