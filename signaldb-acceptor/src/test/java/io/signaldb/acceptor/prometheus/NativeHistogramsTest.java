package io.signaldb.acceptor.prometheus;

import static io.signaldb.acceptor.prometheus.Requests.integerHistogram;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPointOrBuilder;
import io.opentelemetry.proto.metrics.v1.HistogramDataPointOrBuilder;
import io.signaldb.acceptor.prometheus.proto.BucketSpan;
import io.signaldb.acceptor.prometheus.proto.Histogram;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NativeHistogramsTest {
  private static final long T = 1_772_366_395_000L;

  @Test
  void fillsTheGapsBetweenSpansAndCountsBucketsFromTheirLowerBound() throws Exception {
    ExponentialHistogramDataPointOrBuilder point = exponential(integerHistogram(T));

    assertThat(point.getScale()).isEqualTo(2);
    assertThat(point.getCount()).isEqualTo(14);
    assertThat(point.getSum()).isEqualTo(31.5);
    assertThat(point.getZeroCount()).isEqualTo(2);
    assertThat(point.getZeroThreshold()).isEqualTo(0.001);
    assertThat(point.getPositive().getOffset()).isZero();
    assertThat(point.getPositive().getBucketCountsList()).containsExactly(3L, 5L, 0L, 4L);
    assertThat(point.getNegative().getBucketCountsList()).isEmpty();
    assertThat(point.getTimeUnixNano()).isEqualTo(T * 1_000_000);
  }

  @Test
  void readsCountsThatAreDoublesAndNegativeBuckets() throws Exception {
    ExponentialHistogramDataPointOrBuilder point =
        exponential(
            Histogram.newBuilder()
                .setCountFloat(10)
                .setZeroCountFloat(1)
                .setSchema(-4)
                .setSum(Double.NEGATIVE_INFINITY)
                .addPositiveSpans(span(0, 1))
                .addPositiveCounts(4)
                .addNegativeSpans(span(-3, 2))
                .addAllNegativeCounts(List.of(2.0, 3.0))
                .setStartTimestamp(T - 1)
                .setTimestamp(T));

    assertThat(point.getPositive().getOffset()).isEqualTo(-1);
    assertThat(point.getPositive().getBucketCountsList()).containsExactly(4L);
    assertThat(point.getNegative().getOffset()).isEqualTo(-4);
    assertThat(point.getNegative().getBucketCountsList()).containsExactly(2L, 3L);
    assertThat(point.getSum()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(point.getStartTimeUnixNano()).isEqualTo((T - 1) * 1_000_000);
  }

  @Test
  void makesCustomBucketsAnExplicitHistogram() throws Exception {
    HistogramDataPointOrBuilder point =
        explicit(
            Histogram.newBuilder()
                .setCountInt(9)
                .setSum(12)
                .setSchema(-53)
                .addAllCustomValues(List.of(0.1, 1.0, 10.0))
                .addPositiveSpans(span(1, 1))
                .addPositiveSpans(span(1, 1))
                .addAllPositiveDeltas(List.of(4L, 1L))
                .setTimestamp(T));

    assertThat(point.getExplicitBoundsList()).containsExactly(0.1, 1.0, 10.0);
    assertThat(point.getBucketCountsList()).containsExactly(0L, 4L, 0L, 5L);
    assertThat(point.getCount()).isEqualTo(9);
  }

  @Test
  void takesACustomHistogramWithoutObservations() throws Exception {
    HistogramDataPointOrBuilder point =
        explicit(Histogram.newBuilder().setCountInt(0).setSchema(-53).addCustomValues(1));

    assertThat(point.getBucketCountsList()).containsExactly(0L, 0L);
  }

  @Test
  void countsNanObservationsThatFallIntoNoBucket() throws Exception {
    assertThat(exponential(integerHistogram(T).setCountInt(16).setSum(Double.NaN)).getCount())
        .isEqualTo(16);
  }

  @Test
  void refusesWhatContradictsItself() {
    refuses(
        integerHistogram(T).setPositiveDeltas(1, -4),
        "positive bucket 1 counts 3-4, expected 0 to 2^63-1");
    refuses(integerHistogram(T).setCountInt(-1), "count is 18446744073709551615");
    refuses(integerHistogram(T).setSchema(53), "schema is 53, expected -53 or -9 to 52");
    refuses(integerHistogram(T).setSchema(-53), "zero count 2 and 0 negative spans");
    refuses(integerHistogram(T).addCustomValues(1), "1 custom_values with schema 2");
    refuses(integerHistogram(T).addPositiveSpans(span(0, 1)), "positive spans describe 4 buckets");
    refuses(integerHistogram(T).addNegativeSpans(span(0, -1)), "describe 4294967295 buckets");
    refuses(integerHistogram(T).setPositiveSpans(1, span(-1, 1)), "span 1 has offset -1");
    refuses(
        integerHistogram(T).setPositiveSpans(0, span(Integer.MIN_VALUE, 2)),
        "positive bucket has index -2147483648");
    refuses(integerHistogram(T).addPositiveCounts(1), "count is an integer but 1 buckets are");
    refuses(
        Histogram.newBuilder().setCountFloat(0.5).setSum(1),
        "count is 0.5, expected a whole number");
    refuses(
        Histogram.newBuilder()
            .setSchema(-53)
            .setCountInt(1)
            .addAllCustomValues(List.of(1.0, 1.0))
            .addPositiveSpans(span(0, 1))
            .addPositiveDeltas(1),
        "custom_values[1] is 1.0 after 1.0");
    refuses(
        Histogram.newBuilder()
            .setSchema(-53)
            .setCountInt(1)
            .addCustomValues(1)
            .addPositiveSpans(span(2, 1))
            .addPositiveDeltas(1),
        "buckets 2 to 2 with 1 custom_values, expected buckets 0 to 1");
  }

  @Test
  void refusesGapsThatWouldFillTheMemory() {
    refuses(
        integerHistogram(T).setPositiveSpans(1, span(2_000_000_000, 1)),
        "it has 2000000000 buckets more than the 2 of the request before it");
  }

  private static void refuses(Histogram.Builder histogram, String message) {
    assertThatThrownBy(() -> new NativeHistograms(1000).toPoint(histogram.build()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(message);
  }

  private static BucketSpan span(int offset, int length) {
    return BucketSpan.newBuilder().setOffset(offset).setLength(length).build();
  }

  private static ExponentialHistogramDataPointOrBuilder exponential(Histogram.Builder histogram)
      throws RefusedException {
    return ((Point.Exponential) new NativeHistograms(1000).toPoint(histogram.build())).data();
  }

  private static HistogramDataPointOrBuilder explicit(Histogram.Builder histogram)
      throws RefusedException {
    return ((Point.Explicit) new NativeHistograms(1000).toPoint(histogram.build())).data();
  }
}
