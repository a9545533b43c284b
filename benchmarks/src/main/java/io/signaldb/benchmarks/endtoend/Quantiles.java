package io.signaldb.benchmarks.endtoend;

import java.util.Arrays;

/** Median and tail of measured values, in their unit. */
record Quantiles(double p50, double p99, double max) {

  static Quantiles of(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no values");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Quantiles(rank(sorted, 0.50), rank(sorted, 0.99), sorted[sorted.length - 1]);
  }

  private static double rank(double[] sorted, double quantile) {
    return sorted[Math.max(0, (int) Math.ceil(quantile * sorted.length) - 1)];
  }
}
