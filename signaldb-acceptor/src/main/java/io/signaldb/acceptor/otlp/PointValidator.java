package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint.ValueAtQuantile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with the metrics of one request and their data points. */
final class PointValidator extends RowValidator {
  PointValidator(RowLimits limits, long nowUnixNano) {
    super(limits, nowUnixNano);
  }

  /** What to tell of a metric without a point. */
  static Rejection withoutPoints(Metric metric) {
    return new Rejection(
        "no points",
        metric.getDataCase() == Metric.DataCase.DATA_NOT_SET
            ? "metric '%s' has no data, expected a gauge, sum, histogram, exponential histogram or summary"
                .formatted(metric.getName())
            : "metric '%s' has no data points, expected at least one".formatted(metric.getName()));
  }

  /** Why no point of {@code metric} can be stored, or null. */
  @Nullable Rejection check(Metric metric) {
    if (metric.getName().isEmpty()) {
      return new Rejection("metric name", "the name of the metric is empty");
    }
    Rejection rejection =
        switch (metric.getDataCase()) {
          case SUM -> checkTemporality(metric, metric.getSum().getAggregationTemporalityValue());
          case HISTOGRAM ->
              checkTemporality(metric, metric.getHistogram().getAggregationTemporalityValue());
          case EXPONENTIAL_HISTOGRAM ->
              checkTemporality(
                  metric, metric.getExponentialHistogram().getAggregationTemporalityValue());
          case GAUGE, SUMMARY, DATA_NOT_SET -> null;
        };
    return rejection == null ? checkAttributes(metric.getMetadataList()) : rejection;
  }

  @Nullable Rejection check(NumberDataPoint point) {
    return checkPoint(point.getTimeUnixNano(), point.getAttributesList(), point.getExemplarsList());
  }

  @Nullable Rejection check(HistogramDataPoint point) {
    Rejection rejection = checkCount("count", point.getCount());
    if (rejection == null) {
      rejection = checkBuckets(point);
    }
    return rejection == null
        ? checkPoint(point.getTimeUnixNano(), point.getAttributesList(), point.getExemplarsList())
        : rejection;
  }

  @Nullable Rejection check(ExponentialHistogramDataPoint point) {
    Rejection rejection = checkCount("count", point.getCount());
    if (rejection == null) {
      rejection = checkCount("zero_count", point.getZeroCount());
    }
    if (rejection == null) {
      rejection = checkCounts(point.getPositive().getBucketCountsList());
    }
    if (rejection == null) {
      rejection = checkCounts(point.getNegative().getBucketCountsList());
    }
    return rejection == null
        ? checkPoint(point.getTimeUnixNano(), point.getAttributesList(), point.getExemplarsList())
        : rejection;
  }

  @Nullable Rejection check(SummaryDataPoint point) {
    Rejection rejection = checkCount("count", point.getCount());
    if (rejection == null) {
      rejection = checkQuantiles(point.getQuantileValuesList());
    }
    return rejection == null
        ? checkPoint(point.getTimeUnixNano(), point.getAttributesList(), List.of())
        : rejection;
  }

  private @Nullable Rejection checkPoint(
      long timeUnixNano, List<KeyValue> attributes, List<Exemplar> exemplars) {
    Rejection rejection = checkTime("time_unix_nano", timeUnixNano);
    if (rejection == null) {
      rejection = checkAttributes(attributes);
    }
    for (int i = 0; rejection == null && i < exemplars.size(); i++) {
      rejection = checkAttributes(exemplars.get(i).getFilteredAttributesList());
    }
    return rejection;
  }

  private static @Nullable Rejection checkTemporality(Metric metric, int temporality) {
    return temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA_VALUE
            || temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE_VALUE
        ? null
        : new Rejection(
            "temporality",
            "metric '%s' has the aggregation_temporality %d, expected 1 (delta) or 2 (cumulative)"
                .formatted(metric.getName(), temporality));
  }

  /** Counts are unsigned on the wire; no table has such integers. */
  private static @Nullable Rejection checkCount(String field, long count) {
    return count >= 0
        ? null
        : new Rejection(
            "count",
            "%s is %s, expected at most 2^63-1".formatted(field, Long.toUnsignedString(count)));
  }

  private static @Nullable Rejection checkCounts(List<Long> counts) {
    for (long count : counts) {
      if (count < 0) {
        return checkCount("a bucket count", count);
      }
    }
    return null;
  }

  private static @Nullable Rejection checkBuckets(HistogramDataPoint point) {
    int counts = point.getBucketCountsCount();
    int bounds = point.getExplicitBoundsCount();
    if (counts != bounds + 1 && (counts > 0 || bounds > 0)) {
      return new Rejection(
          "buckets",
          "bucket_counts has %d values for %d explicit_bounds, expected %d"
              .formatted(counts, bounds, bounds + 1));
    }
    for (int i = 0; i < bounds; i++) {
      double bound = point.getExplicitBounds(i);
      if (Double.isNaN(bound) || (i > 0 && bound <= point.getExplicitBounds(i - 1))) {
        return new Rejection(
            "bounds",
            i == 0
                ? "explicit_bounds[0] is NaN, expected a number"
                : "explicit_bounds[%d] is %s after %s, expected rising bounds"
                    .formatted(i, bound, point.getExplicitBounds(i - 1)));
      }
    }
    return checkCounts(point.getBucketCountsList());
  }

  private static @Nullable Rejection checkQuantiles(List<ValueAtQuantile> quantiles) {
    for (ValueAtQuantile each : quantiles) {
      if (!(each.getQuantile() >= 0 && each.getQuantile() <= 1)) {
        return new Rejection(
            "quantile", "a quantile is %s, expected 0 to 1".formatted(each.getQuantile()));
      }
    }
    return null;
  }
}
