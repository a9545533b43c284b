package io.signaldb.acceptor.otlp;

import java.time.Duration;

/**
 * What a row may look like to be stored.
 *
 * @param maxFuture how far its time may lie ahead of the clock
 * @param maxPast how far its time may lie behind the clock
 * @param maxValueBytes largest string or bytes attribute value
 * @param maxDepth deepest nesting of arrays and key-value lists in an attribute value
 */
public record RowLimits(Duration maxFuture, Duration maxPast, long maxValueBytes, int maxDepth) {
  /** One hour ahead, 14 days back, values of any size, 64 levels. */
  public static final RowLimits DEFAULT =
      new RowLimits(Duration.ofHours(1), Duration.ofHours(336), Long.MAX_VALUE, 64);

  AttributeLimits attributes() {
    return new AttributeLimits(maxValueBytes, maxDepth);
  }
}
