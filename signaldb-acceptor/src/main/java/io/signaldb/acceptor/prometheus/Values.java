package io.signaldb.acceptor.prometheus;

/** What doubles mean in Prometheus. */
final class Values {
  /** The one NaN of all that says that a series ended. */
  private static final long STALE_BITS = 0x7ff0000000000002L;

  /** From here on there is no long any more. */
  private static final double TOO_LARGE = 0x1p63;

  private Values() {}

  static boolean isStale(double value) {
    return Double.doubleToRawLongBits(value) == STALE_BITS;
  }

  /** Whether it is a number of observations that OTLP can say: whole, not negative. */
  static boolean isCount(double value) {
    return value >= 0 && value < TOO_LARGE && value == Math.rint(value);
  }
}
