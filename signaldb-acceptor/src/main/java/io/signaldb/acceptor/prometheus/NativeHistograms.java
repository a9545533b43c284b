package io.signaldb.acceptor.prometheus;

import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.signaldb.acceptor.prometheus.proto.BucketSpan;
import io.signaldb.acceptor.prometheus.proto.Histogram;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Native histograms as OTLP: exponential ones, or explicit ones where the sender gave the bounds.
 * Buckets that a sender leaves out between spans are written as zeros, within a bound per request.
 * Counts that are doubles have to be whole. Not thread-safe.
 */
final class NativeHistograms {
  private static final int CUSTOM_BUCKETS = -53;

  /** What Prometheus reserves for buckets that grow exponentially; it uses -4 to 8. */
  private static final int MIN_SCHEMA = -9;

  private static final int MAX_SCHEMA = 52;

  private final long maxBuckets;
  private long buckets;

  /**
   * @param maxBuckets of all histograms converted, empty ones included
   */
  NativeHistograms(long maxBuckets) {
    this.maxBuckets = maxBuckets;
  }

  /**
   * Converts one.
   *
   * @throws RefusedException if it contradicts itself or cannot be said in OTLP
   */
  Point toPoint(Histogram histogram) throws RefusedException {
    boolean custom = histogram.getSchema() == CUSTOM_BUCKETS;
    if (!custom && (histogram.getSchema() < MIN_SCHEMA || histogram.getSchema() > MAX_SCHEMA)) {
      throw new RefusedException(
          "schema is %d, expected %d or %d to %d"
              .formatted(histogram.getSchema(), CUSTOM_BUCKETS, MIN_SCHEMA, MAX_SCHEMA));
    }
    if (Values.isStale(histogram.getSum())) {
      return custom
          ? new Point.Explicit(explicit(histogram).setFlags(Point.NO_RECORDED_VALUE))
          : new Point.Exponential(exponential(histogram).setFlags(Point.NO_RECORDED_VALUE));
    }
    boolean doubles = histogram.hasCountFloat();
    checkFlavour(histogram, doubles);
    List<Long> negative =
        doubles
            ? whole("negative", histogram.getNegativeCountsList())
            : undelta("negative", histogram.getNegativeDeltasList());
    List<Long> positive =
        doubles
            ? whole("positive", histogram.getPositiveCountsList())
            : undelta("positive", histogram.getPositiveDeltasList());
    long zero = zeroCount(histogram);
    long count =
        doubles
            ? whole("count", histogram.getCountFloat())
            : notNegative("count", histogram.getCountInt());
    checkCount(histogram, count, total(positive, total(negative, zero)));
    return custom
        ? custom(histogram, count, zero, positive)
        : exponential(histogram, count, zero, positive, negative);
  }

  private Point exponential(
      Histogram histogram, long count, long zero, List<Long> positive, List<Long> negative)
      throws RefusedException {
    if (histogram.getCustomValuesCount() > 0) {
      throw new RefusedException(
          "%d custom_values with schema %d, expected none but with %d"
              .formatted(histogram.getCustomValuesCount(), histogram.getSchema(), CUSTOM_BUCKETS));
    }
    ExponentialHistogramDataPoint.Builder data =
        exponential(histogram)
            .setCount(count)
            .setSum(histogram.getSum())
            .setScale(histogram.getSchema())
            .setZeroThreshold(histogram.getZeroThreshold())
            .setZeroCount(zero);
    if (!positive.isEmpty()) {
      data.setPositive(buckets("positive", histogram.getPositiveSpansList(), positive));
    } else {
      checkNoSpans("positive", histogram.getPositiveSpansList());
    }
    if (!negative.isEmpty()) {
      data.setNegative(buckets("negative", histogram.getNegativeSpansList(), negative));
    } else {
      checkNoSpans("negative", histogram.getNegativeSpansList());
    }
    return new Point.Exponential(data);
  }

  private Buckets buckets(String side, List<BucketSpan> spans, List<Long> counts)
      throws RefusedException {
    Dense dense = dense(side, spans, counts);
    // Prometheus numbers a bucket by its upper bound, OTLP by its lower one.
    long offset = dense.first() - 1;
    if (offset < Integer.MIN_VALUE) {
      throw outOfRange(side, dense.first());
    }
    return Buckets.newBuilder().setOffset((int) offset).addAllBucketCounts(dense.counts()).build();
  }

  private Point custom(Histogram histogram, long count, long zero, List<Long> positive)
      throws RefusedException {
    List<Double> bounds = histogram.getCustomValuesList();
    for (int i = 0; i < bounds.size(); i++) {
      if (!Double.isFinite(bounds.get(i)) || (i > 0 && bounds.get(i) <= bounds.get(i - 1))) {
        throw new RefusedException(
            "custom_values[%d] is %s after %s, expected finite values in rising order"
                .formatted(i, bounds.get(i), i == 0 ? "none" : bounds.get(i - 1)));
      }
    }
    if (zero != 0 || histogram.getNegativeSpansCount() > 0) {
      throw new RefusedException(
          "zero count %d and %d negative spans with schema %d, expected none"
              .formatted(zero, histogram.getNegativeSpansCount(), CUSTOM_BUCKETS));
    }
    HistogramDataPoint.Builder data =
        explicit(histogram).setCount(count).setSum(histogram.getSum()).addAllExplicitBounds(bounds);
    Dense dense =
        positive.isEmpty() && histogram.getPositiveSpansCount() == 0
            ? new Dense(0, List.of())
            : dense("positive", histogram.getPositiveSpansList(), positive);
    long end = dense.first() + dense.counts().size();
    if (dense.first() < 0 || end > bounds.size() + 1L) {
      throw new RefusedException(
          "buckets %d to %d with %d custom_values, expected buckets 0 to %d"
              .formatted(dense.first(), end - 1, bounds.size(), bounds.size()));
    }
    take(bounds.size() + 1L);
    data.addAllBucketCounts(Collections.nCopies((int) dense.first(), 0L))
        .addAllBucketCounts(dense.counts())
        .addAllBucketCounts(Collections.nCopies((int) (bounds.size() + 1 - end), 0L));
    return new Point.Explicit(data);
  }

  private static ExponentialHistogramDataPoint.Builder exponential(Histogram histogram) {
    return ExponentialHistogramDataPoint.newBuilder()
        .setTimeUnixNano(Times.unixNanos(histogram.getTimestamp()))
        .setStartTimeUnixNano(Times.unixNanos(histogram.getStartTimestamp()));
  }

  private static HistogramDataPoint.Builder explicit(Histogram histogram) {
    return HistogramDataPoint.newBuilder()
        .setTimeUnixNano(Times.unixNanos(histogram.getTimestamp()))
        .setStartTimeUnixNano(Times.unixNanos(histogram.getStartTimestamp()));
  }

  /**
   * Buckets without gaps.
   *
   * @param first index of the first, as Prometheus numbers them
   */
  private record Dense(long first, List<Long> counts) {}

  private Dense dense(String side, List<BucketSpan> spans, List<Long> counts)
      throws RefusedException {
    long described = 0;
    for (BucketSpan span : spans) {
      described += Integer.toUnsignedLong(span.getLength());
    }
    if (described != counts.size()) {
      throw new RefusedException(
          "%s spans describe %d buckets, expected the %d that are there"
              .formatted(side, described, counts.size()));
    }
    List<Long> dense = new ArrayList<>(counts.size());
    long first = spans.get(0).getOffset();
    int taken = 0;
    for (int i = 0; i < spans.size(); i++) {
      BucketSpan span = spans.get(i);
      if (i > 0) {
        if (span.getOffset() < 0) {
          throw new RefusedException(
              "%s span %d has offset %d, expected a gap of 0 or more"
                  .formatted(side, i, span.getOffset()));
        }
        take(span.getOffset());
        dense.addAll(Collections.nCopies(span.getOffset(), 0L));
      }
      int length = span.getLength(); // no more than there are counts
      take(length);
      dense.addAll(counts.subList(taken, taken + length));
      taken += length;
    }
    if (first + dense.size() - 1 > Integer.MAX_VALUE) {
      throw outOfRange(side, first + dense.size() - 1);
    }
    return new Dense(first, dense);
  }

  /** Before memory is taken for them: a few bytes can stand for billions of empty buckets. */
  private void take(long added) throws RefusedException {
    if (buckets + added > maxBuckets) {
      throw new RefusedException(
          "it has %d buckets more than the %d of the request before it, expected at most %d in all with the empty ones between spans; send fewer histograms in a request"
              .formatted(added, buckets, maxBuckets));
    }
    buckets += added;
  }

  private static void checkFlavour(Histogram histogram, boolean doubles) throws RefusedException {
    int ints = histogram.getPositiveDeltasCount() + histogram.getNegativeDeltasCount();
    int floats = histogram.getPositiveCountsCount() + histogram.getNegativeCountsCount();
    if ((doubles ? ints : floats) > 0) {
      throw new RefusedException(
          "count is %s but %d buckets are %s, expected one kind of number"
              .formatted(
                  doubles ? "a double" : "an integer",
                  doubles ? ints : floats,
                  doubles ? "integers" : "doubles"));
    }
  }

  /** NaN is observed too, but falls into no bucket; it makes the sum NaN. */
  private static void checkCount(Histogram histogram, long count, long inBuckets)
      throws RefusedException {
    if (inBuckets > count || (inBuckets < count && !Double.isNaN(histogram.getSum()))) {
      throw new RefusedException(
          "count is %d with %d in its buckets, expected them to agree".formatted(count, inBuckets));
    }
  }

  private static void checkNoSpans(String side, List<BucketSpan> spans) throws RefusedException {
    for (BucketSpan span : spans) {
      if (span.getLength() != 0) {
        throw new RefusedException(
            "%s spans describe %s buckets, expected the 0 that are there"
                .formatted(side, Integer.toUnsignedString(span.getLength())));
      }
    }
  }

  private static long zeroCount(Histogram histogram) throws RefusedException {
    return histogram.hasZeroCountFloat()
        ? whole("zero_count", histogram.getZeroCountFloat())
        : notNegative("zero_count", histogram.getZeroCountInt());
  }

  private static List<Long> undelta(String side, List<Long> deltas) throws RefusedException {
    List<Long> counts = new ArrayList<>(deltas.size());
    long count = 0;
    for (long delta : deltas) {
      long next = count + delta;
      if (next < 0 || ((count ^ next) & (delta ^ next)) < 0) {
        throw new RefusedException(
            "%s bucket %d counts %d%+d, expected 0 to 2^63-1"
                .formatted(side, counts.size(), count, delta));
      }
      count = next;
      counts.add(count);
    }
    return counts;
  }

  private static List<Long> whole(String side, List<Double> values) throws RefusedException {
    List<Long> counts = new ArrayList<>(values.size());
    for (double value : values) {
      counts.add(whole(side + " bucket", value));
    }
    return counts;
  }

  private static long whole(String what, double value) throws RefusedException {
    if (!Values.isCount(value)) {
      throw new RefusedException(
          "%s is %s, expected a whole number from 0 to 2^63-1: OTLP has no other counts"
              .formatted(what, value));
    }
    return (long) value;
  }

  private static long notNegative(String what, long value) throws RefusedException {
    if (value < 0) {
      throw new RefusedException(
          "%s is %s, expected at most 2^63-1".formatted(what, Long.toUnsignedString(value)));
    }
    return value;
  }

  private static long total(List<Long> counts, long start) throws RefusedException {
    long total = start;
    for (long count : counts) {
      total += count;
      if (total < 0) {
        throw new RefusedException("its buckets count 2^63 or more, expected less");
      }
    }
    return total;
  }

  private static RefusedException outOfRange(String side, long index) {
    return new RefusedException(
        "%s bucket has index %d, expected a 32-bit number with room below".formatted(side, index));
  }
}
