package io.signaldb.querier.metrics;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;

/** Bounds what a query keeps in memory. Used by one thread. */
final class PointBudget {
  /** Numbers kept by one query, of eight bytes each: 32 MiB. */
  static final long MAX_POINTS = 4 << 20;

  private long left = MAX_POINTS;

  /**
   * Asks for room.
   *
   * @throws SignalDbException INVALID_ARGUMENT if there is none
   */
  void take(long points) {
    left -= points;
    if (left < 0) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "The query needs more than %d points, series times intervals:".formatted(MAX_POINTS)
              + " expected a longer step, a shorter range, or fields with fewer values in by()");
    }
  }
}
