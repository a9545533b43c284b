package io.signaldb.querier.metrics;

import java.util.Map;
import java.util.TreeMap;

/**
 * Numbers, close enough for quantiles: exact where values lie apart, and within one percent where
 * many lie close together. Used by one thread.
 */
final class QuantileSketch {
  private final TreeMap<Double, Bucket> buckets = new TreeMap<>();
  private long count;

  /** Values between two bounds that have been seen. */
  private record Bucket(long count, double min, double max) {
    Bucket with(Bucket other) {
      return new Bucket(count + other.count, Math.min(min, other.min), Math.max(max, other.max));
    }

    /**
     * @param rank from 1 to {@link #count}
     */
    double value(long rank) {
      return count == 1 || min == max || rank == 1
          ? min
          : rank == count ? max : min + (max - min) * ((rank - 1.0) / (count - 1.0));
    }
  }

  /**
   * Adds values that are in one narrow bucket.
   *
   * @return whether it was the first in its bucket
   */
  boolean add(Measurement values) {
    count += values.count();
    Bucket bucket = new Bucket(values.count(), values.min(), values.max());
    int known = buckets.size();
    buckets.merge(Buckets.narrow(values.max()), bucket, Bucket::with);
    return buckets.size() > known;
  }

  /**
   * The least value for which the share of values not above it is at least {@code quantile}; NaN if
   * there are no values.
   *
   * @param quantile from 0 to 1
   */
  double quantile(double quantile) {
    long rank = Math.max(1, (long) Math.ceil(quantile * count));
    for (Map.Entry<Double, Bucket> entry : buckets.entrySet()) {
      Bucket bucket = entry.getValue();
      if (rank <= bucket.count) {
        return bucket.value(rank);
      }
      rank -= bucket.count;
    }
    return Double.NaN;
  }
}
