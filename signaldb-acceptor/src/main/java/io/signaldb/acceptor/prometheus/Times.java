package io.signaldb.acceptor.prometheus;

/** Prometheus' milliseconds as OTLP's nanoseconds since the epoch. */
final class Times {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private Times() {}

  /** Whether nanoseconds can say it: from 1970 to 2262. */
  static boolean isRepresentable(long unixMillis) {
    return unixMillis >= 0 && unixMillis <= Long.MAX_VALUE / NANOS_PER_MILLI;
  }

  static long unixNanos(long unixMillis) {
    return Math.multiplyExact(unixMillis, NANOS_PER_MILLI);
  }

  /** Of a sample that is a time in seconds, to the nanosecond where a double can say it. */
  static long unixNanos(double unixSeconds) {
    long seconds = (long) unixSeconds;
    return Math.multiplyExact(seconds, NANOS_PER_SECOND)
        + Math.round((unixSeconds - seconds) * NANOS_PER_SECOND);
  }
}
