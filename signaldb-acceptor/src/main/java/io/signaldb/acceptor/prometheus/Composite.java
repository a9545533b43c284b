package io.signaldb.acceptor.prometheus;

import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint.ValueAtQuantile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The samples of a classic histogram or summary at one moment. Prometheus sends each as a series of
 * its own, and does not promise to send them together.
 */
final class Composite {
  private final boolean histogram;
  private final List<FloatSample> all = new ArrayList<>();
  private final TreeMap<Double, FloatSample> bounds = new TreeMap<>();
  private @Nullable FloatSample count;
  private @Nullable FloatSample sum;

  Composite(boolean histogram) {
    this.histogram = histogram;
  }

  /** Takes a sample, unless it has one of that part. */
  boolean offer(FloatSample sample) {
    boolean free =
        switch (sample.role().part()) {
          case COUNT -> count == null;
          case SUM -> sum == null;
          case BUCKET, QUANTILE, VALUE, CREATED -> !bounds.containsKey(sample.role().bound());
        };
    if (!free) {
      return false;
    }
    all.add(sample);
    put(sample);
    return true;
  }

  private void put(FloatSample sample) {
    switch (sample.role().part()) {
      case COUNT -> count = sample;
      case SUM -> sum = sample;
      case BUCKET, QUANTILE, VALUE, CREATED -> bounds.put(sample.role().bound(), sample);
    }
  }

  /**
   * The samples as one point.
   *
   * @param leftOver takes the samples that are not in it: all if they do not make up a point
   * @return null if there is none
   */
  @Nullable Point toPoint(List<FloatSample> leftOver) {
    List<FloatSample> stale = all.stream().filter(FloatSample::isStale).toList();
    if (!stale.isEmpty() && stale.size() < all.size()) {
      leftOver.addAll(stale); // a bucket that ended while the others go on
      remove(stale);
    }
    Point point = histogram ? histogram() : summary();
    if (point == null) {
      leftOver.addAll(all);
      all.clear();
    }
    return point;
  }

  /** The samples that the point stands for. */
  List<FloatSample> samples() {
    return all;
  }

  private void remove(List<FloatSample> samples) {
    all.removeAll(samples);
    bounds.clear();
    count = null;
    sum = null;
    all.forEach(this::put);
  }

  private @Nullable Point histogram() {
    FloatSample last = bounds.get(Double.POSITIVE_INFINITY);
    FloatSample whole = count == null ? last : count;
    if (whole == null) {
      return null;
    }
    HistogramDataPoint.Builder data =
        HistogramDataPoint.newBuilder()
            .setTimeUnixNano(whole.timeUnixNano())
            .setStartTimeUnixNano(whole.startTimeUnixNano());
    if (whole.isStale()) {
      return new Point.Explicit(data.setFlags(Point.NO_RECORDED_VALUE));
    }
    if (!Values.isCount(whole.value()) || (last != null && last.value() != whole.value())) {
      return null;
    }
    data.setCount((long) whole.value());
    if (sum != null) {
      data.setSum(sum.value());
    }
    return bounds.isEmpty() || addBuckets(data) ? new Point.Explicit(data) : null;
  }

  /** False if the buckets cannot be: their counts have to be whole and must not fall. */
  private boolean addBuckets(HistogramDataPoint.Builder data) {
    long before = 0;
    for (Map.Entry<Double, FloatSample> bucket : bounds.entrySet()) {
      double value = bucket.getValue().value();
      if (bucket.getKey().isInfinite()) {
        continue;
      }
      if (!Values.isCount(value) || (long) value < before) {
        return false;
      }
      data.addExplicitBounds(bucket.getKey()).addBucketCounts((long) value - before);
      before = (long) value;
    }
    data.addBucketCounts(data.getCount() - before);
    return before <= data.getCount();
  }

  private @Nullable Point summary() {
    if (count == null || sum == null) {
      return null; // OTLP has no summary without them
    }
    SummaryDataPoint.Builder data =
        SummaryDataPoint.newBuilder()
            .setTimeUnixNano(count.timeUnixNano())
            .setStartTimeUnixNano(count.startTimeUnixNano());
    if (count.isStale()) {
      return new Point.Summary(data.setFlags(Point.NO_RECORDED_VALUE));
    }
    if (!Values.isCount(count.value())) {
      return null;
    }
    data.setCount((long) count.value()).setSum(sum.value());
    bounds.forEach(
        (quantile, sample) ->
            data.addQuantileValues(
                ValueAtQuantile.newBuilder().setQuantile(quantile).setValue(sample.value())));
    return new Point.Summary(data);
  }
}
