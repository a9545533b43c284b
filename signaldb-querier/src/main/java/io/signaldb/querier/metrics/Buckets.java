package io.signaldb.querier.metrics;

/**
 * How numbers are sorted into buckets, once for Java and once for the engine. Bounds may differ by
 * a rounding error between the two; a bucket of the engine is put where its greatest value belongs.
 */
final class Buckets {
  /** Quantile buckets are as wide as a hundredth of their values. */
  private static final double PER_E_FOLD = 1 / Math.log(1.01);

  /** Beyond the bucket of any number, so that those of either sign are in order. */
  private static final double OFFSET = 100_000;

  private static final double LEAST = 1e-300;

  private Buckets() {}

  /** The number of the narrow bucket a value is in; rises with the value. */
  static double narrow(double value) {
    return Math.signum(value)
        * (Math.floor(Math.log(Math.max(Math.abs(value), LEAST)) * PER_E_FOLD) + OFFSET);
  }

  /** {@link #narrow} in SQL. */
  static String narrowSql(String value) {
    return "signum(%1$s) * (floor(ln(greatest(abs(%1$s), %2$s)) * %3$s) + %4$s)"
        .formatted(value, LEAST, PER_E_FOLD, OFFSET);
  }

  /** The least power of two that is not below the value; 0 for values that are not positive. */
  static double powerOfTwo(double value) {
    if (value <= 0 || Double.isInfinite(value)) {
      return Math.max(value, 0);
    }
    double below = Math.scalb(1.0, Math.getExponent(value));
    return below >= value ? below : below * 2;
  }

  /** Something that is the same for values with the same {@link #powerOfTwo}, in SQL. */
  static String powerOfTwoSql(String value) {
    return "CASE WHEN %1$s > 0 THEN ceil(log2(%1$s)) ELSE -2000.0 END".formatted(value);
  }
}
