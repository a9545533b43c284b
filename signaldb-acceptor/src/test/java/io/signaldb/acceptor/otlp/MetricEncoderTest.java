package io.signaldb.acceptor.otlp;

import static io.signaldb.acceptor.otlp.TraceEncoderTest.attribute;
import static io.signaldb.acceptor.otlp.TraceEncoderTest.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint.ValueAtQuantile;
import io.opentelemetry.proto.resource.v1.Resource;
import io.signaldb.common.schema.Schemas;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MetricEncoderTest {
  private static final long NOW = 1_764_000_000_000_000_000L;
  private static final int NO_RECORDED_VALUE = 1;

  /** A NaN with the bits that Prometheus marks the end of a series with. */
  private static final double STALE = Double.longBitsToDouble(0x7ff0000000000002L);

  private static final AggregationTemporality DELTA =
      AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
  private static final AggregationTemporality CUMULATIVE =
      AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;

  private final OtlpEncoder<ExportMetricsServiceRequest> encoder =
      OtlpEncoder.metrics(
          Schemas.load(),
          RowLimits.DEFAULT,
          Clock.fixed(Instant.ofEpochSecond(0, NOW), ZoneOffset.UTC));

  @Test
  void putsEachKindOfMetricIntoItsTable() {
    EncodedRequest encoded =
        encoder.encode(
            request(
                gauge(number(1)),
                sum(DELTA, number(2)),
                histogram(bucketed().build()),
                Metric.newBuilder()
                    .setName("e")
                    .setExponentialHistogram(
                        ExponentialHistogram.newBuilder()
                            .setAggregationTemporality(DELTA)
                            .addDataPoints(exponential()))
                    .build(),
                Metric.newBuilder()
                    .setName("s")
                    .setSummary(Summary.newBuilder().addDataPoints(summary(0.5)))
                    .build()));

    assertThat(encoded.accepted()).isEqualTo(5);
    assertThat(encoded.message()).isEmpty();
    assertThat(encoded.batches().stream().map(batch -> batch.table().name()))
        .containsExactly(
            "metrics_gauge",
            "metrics_sum",
            "metrics_histogram",
            "metrics_exponential_histogram",
            "metrics_summary");
  }

  @Test
  void keepsEveryDoubleAndTheExactInteger() {
    double[] values = {0, -0.0, Double.NaN, STALE, Double.POSITIVE_INFINITY, Double.MIN_VALUE};
    NumberDataPoint[] points = new NumberDataPoint[values.length + 2];
    for (int i = 0; i < values.length; i++) {
      points[i] = number(values[i]);
    }
    points[values.length] = point().setAsInt(Long.MAX_VALUE).build();
    points[values.length + 1] = point().setFlags(NO_RECORDED_VALUE).build();

    List<Map<String, Object>> rows = rows("metrics_gauge", gauge(points));

    for (int i = 0; i < values.length; i++) {
      assertThat(Double.doubleToRawLongBits((Double) rows.get(i).get("value")))
          .isEqualTo(Double.doubleToRawLongBits(values[i]));
      assertThat(rows.get(i)).doesNotContainKey("value_int");
    }
    assertThat(rows.get(values.length))
        .contains(entry("value_int", Long.MAX_VALUE), entry("value", (double) Long.MAX_VALUE));
    assertThat(rows.get(values.length + 1))
        .contains(entry("flags", NO_RECORDED_VALUE))
        .doesNotContainKeys("value", "value_int");
  }

  @Test
  void keepsBothTemporalitiesOfOneMetric() {
    List<Map<String, Object>> rows =
        rows("metrics_sum", sum(DELTA, number(1)), sum(CUMULATIVE, number(2)));

    assertThat(rows)
        .extracting(row -> row.get("aggregation_temporality"))
        .containsExactly("Delta", "Cumulative");
    assertThat(rows)
        .extracting(row -> row.get("aggregation_temporality_number"))
        .containsExactly(1, 2);
  }

  @Test
  void keepsBucketsAsListsAndAbsentValuesAbsent() {
    Map<String, Object> histogram =
        rows("metrics_histogram", histogram(bucketed().setSum(0).build())).get(0);
    assertThat(histogram)
        .contains(
            entry("bucket_counts", List.of(1L, 2L, 3L)),
            entry("explicit_bounds", List.of(0.5, Double.POSITIVE_INFINITY)),
            entry("sum", 0.0))
        .doesNotContainKeys("min", "max");

    ExponentialHistogramDataPoint point =
        exponential()
            .setScale(-3)
            .setPositive(
                ExponentialHistogramDataPoint.Buckets.newBuilder()
                    .addAllBucketCounts(List.of(4L, 0L)))
            .build();
    Metric metric =
        Metric.newBuilder()
            .setName("e")
            .setExponentialHistogram(
                ExponentialHistogram.newBuilder()
                    .setAggregationTemporality(DELTA)
                    .addDataPoints(point))
            .build();
    assertThat(rows("metrics_exponential_histogram", metric).get(0))
        .contains(
            entry("scale", -3),
            entry("positive_offset", 0),
            entry("positive_bucket_counts", List.of(4L, 0L)))
        .doesNotContainKeys("negative_offset", "negative_bucket_counts");
  }

  static Stream<Arguments> badMetrics() {
    return Stream.of(
        Arguments.of(
            gauge(number(1)).toBuilder().clearName().build(), "the name of the metric is empty"),
        Arguments.of(
            sum(AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED, number(1)),
            "metric 'sum' has the aggregation_temporality 0, expected 1 (delta) or 2 (cumulative)"),
        Arguments.of(gauge(point().setTimeUnixNano(0).build()), "time_unix_nano is 0"),
        Arguments.of(
            gauge(point().setTimeUnixNano(NOW * 2).build()),
            "time_unix_nano 3528000000000000000 is more than PT1H after now"),
        Arguments.of(
            histogram(bucketed().addBucketCounts(1).build()),
            "bucket_counts has 4 values for 2 explicit_bounds, expected 3"),
        Arguments.of(
            histogram(bucketed().setExplicitBounds(1, 0.5).build()),
            "explicit_bounds[1] is 0.5 after 0.5, expected rising bounds"),
        Arguments.of(
            histogram(bucketed().setExplicitBounds(0, Double.NaN).build()),
            "explicit_bounds[0] is NaN, expected a number"),
        Arguments.of(
            histogram(bucketed().setCount(-1).build()),
            "count is 18446744073709551615, expected at most 2^63-1"),
        Arguments.of(
            histogram(bucketed().setBucketCounts(1, -2).build()),
            "a bucket count is 18446744073709551614, expected at most 2^63-1"),
        Arguments.of(
            Metric.newBuilder()
                .setName("s")
                .setSummary(Summary.newBuilder().addDataPoints(summary(1.5)))
                .build(),
            "a quantile is 1.5, expected 0 to 1"));
  }

  @ParameterizedTest
  @MethodSource("badMetrics")
  void leavesOutABadPointAndKeepsTheRest(Metric bad, String message) {
    List<String> told = new ArrayList<>();
    List<Message> rejected = new ArrayList<>();

    EncodedRequest encoded =
        encoder.encode(
            request(gauge(number(1)), bad, gauge(number(2))),
            (point, why) -> {
              rejected.add(point);
              told.add(why);
            });

    assertThat(encoded.accepted()).isEqualTo(2);
    assertThat(encoded.rejected()).isEqualTo(1);
    assertThat(encoded.message()).startsWith("1 data point rejected: ").contains(message);
    assertThat(told).singleElement().asString().contains(message);
    assertThat(rejected).singleElement().isSameAs(MetricRows.points(bad).get(0));
  }

  @Test
  void tellsOfMetricsWithoutPoints() {
    EncodedRequest encoded =
        encoder.encode(request(histogram(), Metric.newBuilder().setName("m").build()));

    assertThat(encoded.rejected()).isZero();
    assertThat(encoded.batches()).isEmpty();
    assertThat(encoded.message())
        .isEqualTo("metric 'histogram' has no data points, expected at least one (2 times)");
  }

  private List<Map<String, Object>> rows(String table, Metric... metrics) {
    EncodedRequest encoded = encoder.encode(request(metrics));
    assertThat(encoded.message()).isEmpty();
    Map<String, List<Map<String, Object>>> rows = new TreeMap<>();
    encoded
        .batches()
        .forEach(batch -> rows.put(batch.table().name(), IpcRows.read(batch.ipc()).rows()));
    assertThat(rows).containsOnlyKeys(table);
    return rows.get(table);
  }

  private static ExportMetricsServiceRequest request(Metric... metrics) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .setResource(
                    Resource.newBuilder().addAttributes(attribute("service.name", text("shop"))))
                .addScopeMetrics(ScopeMetrics.newBuilder().addAllMetrics(List.of(metrics))))
        .build();
  }

  private static NumberDataPoint.Builder point() {
    return NumberDataPoint.newBuilder().setTimeUnixNano(NOW);
  }

  private static NumberDataPoint number(double value) {
    return point().setAsDouble(value).build();
  }

  private static Metric gauge(NumberDataPoint... points) {
    return Metric.newBuilder()
        .setName("gauge")
        .setGauge(Gauge.newBuilder().addAllDataPoints(List.of(points)))
        .build();
  }

  private static Metric sum(AggregationTemporality temporality, NumberDataPoint... points) {
    return Metric.newBuilder()
        .setName("sum")
        .setSum(
            Sum.newBuilder()
                .setAggregationTemporality(temporality)
                .addAllDataPoints(List.of(points)))
        .build();
  }

  private static Metric histogram(HistogramDataPoint... points) {
    return Metric.newBuilder()
        .setName("histogram")
        .setHistogram(
            Histogram.newBuilder()
                .setAggregationTemporality(CUMULATIVE)
                .addAllDataPoints(List.of(points)))
        .build();
  }

  private static HistogramDataPoint.Builder bucketed() {
    return HistogramDataPoint.newBuilder()
        .setTimeUnixNano(NOW)
        .setCount(6)
        .addAllBucketCounts(List.of(1L, 2L, 3L))
        .addAllExplicitBounds(List.of(0.5, Double.POSITIVE_INFINITY));
  }

  private static ExponentialHistogramDataPoint.Builder exponential() {
    return ExponentialHistogramDataPoint.newBuilder().setTimeUnixNano(NOW).setCount(4);
  }

  private static SummaryDataPoint summary(double quantile) {
    return SummaryDataPoint.newBuilder()
        .setTimeUnixNano(NOW)
        .addQuantileValues(ValueAtQuantile.newBuilder().setQuantile(quantile))
        .build();
  }
}
