package io.signaldb.acceptor.prometheus;

import static io.signaldb.acceptor.prometheus.Requests.STALE;
import static io.signaldb.acceptor.prometheus.Requests.integerHistogram;
import static io.signaldb.acceptor.prometheus.Requests.label;
import static io.signaldb.acceptor.prometheus.Requests.sample;
import static io.signaldb.acceptor.prometheus.Requests.v1;
import static io.signaldb.acceptor.prometheus.Requests.v1Request;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.signaldb.acceptor.prometheus.Requests.V2;
import io.signaldb.acceptor.prometheus.proto.MetricType;
import io.signaldb.acceptor.prometheus.proto.Request;
import io.signaldb.acceptor.prometheus.proto.Sample;
import io.signaldb.acceptor.prometheus.proto.WriteRequest;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RemoteWriteMapperTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final long T = NOW.toEpochMilli() - 5_000;
  private static final long T_NANOS = T * 1_000_000;
  private static final TenantContext TENANT = new TenantContext("acme", "prod", "acme", "prod");
  private static final TenantContext OTHER = new TenantContext("globex", "prod", "globex", "prod");

  private final RemoteWriteMapper mapper =
      new RemoteWriteMapper(
          new RemoteWriteLimits(Duration.ofHours(1), Duration.ofDays(14), 1000, 160_000),
          Clock.fixed(NOW, ZoneOffset.UTC));

  @Test
  void takesResourceAndScopeFromLabels() {
    MappedWrite mapped =
        map(
            v1Request(
                v1(
                        "queue_length",
                        "instance",
                        "10.0.0.1:9090",
                        "job",
                        "shop/cart",
                        "otel_scope_mascot",
                        "gopher",
                        "otel_scope_name",
                        "lib",
                        "otel_scope_schema_url",
                        "https://x/1",
                        "otel_scope_version",
                        "1.2",
                        "queue",
                        "orders")
                    .addSamples(sample(7.5, T))));

    ResourceMetrics resource = mapped.request().getResourceMetrics(0);
    assertThat(texts(resource.getResource().getAttributesList()))
        .isEqualTo(Map.of("service.name", "shop/cart", "service.instance.id", "10.0.0.1:9090"));
    assertThat(resource.getScopeMetrics(0).getScope().getName()).isEqualTo("lib");
    assertThat(resource.getScopeMetrics(0).getScope().getVersion()).isEqualTo("1.2");
    assertThat(texts(resource.getScopeMetrics(0).getScope().getAttributesList()))
        .isEqualTo(Map.of("mascot", "gopher"));
    assertThat(resource.getScopeMetrics(0).getSchemaUrl()).isEqualTo("https://x/1");
    Metric metric = metric(mapped, "queue_length");
    NumberDataPoint point = metric.getGauge().getDataPoints(0);
    assertThat(texts(point.getAttributesList())).isEqualTo(Map.of("queue", "orders"));
    assertThat(point.getAsDouble()).isEqualTo(7.5);
    assertThat(point.getTimeUnixNano()).isEqualTo(T_NANOS);
    assertThat(point.getStartTimeUnixNano()).isZero();
    assertThat(mapped.written()).isEqualTo(new Tally(1, 0, 0));
    assertThat(mapped.problems()).isEmpty();
  }

  @Test
  void namesItselfAsScopeOfSeriesWithoutOneAndHasNoResourceWithoutJobAndInstance() {
    MappedWrite mapped = map(v1Request(v1("up").addSamples(sample(1, T))));

    ResourceMetrics resource = mapped.request().getResourceMetrics(0);
    assertThat(resource.getResource().getAttributesList()).isEmpty();
    assertThat(resource.getScopeMetrics(0).getScope().getName())
        .isEqualTo("io.signaldb.acceptor.prometheus");
  }

  @Test
  void keepsEverySampleOfASeriesAlsoThoseOutOfOrderAndTwice() {
    MappedWrite mapped =
        map(
            v1Request(
                v1("g").addSamples(sample(1, T)).addSamples(sample(2, T - 1000)),
                v1("g").addSamples(sample(3, T)).addSamples(sample(1, T))));

    assertThat(metric(mapped, "g").getGauge().getDataPointsList())
        .extracting(NumberDataPoint::getAsDouble)
        .containsExactly(1.0, 2.0, 3.0, 1.0);
    assertThat(mapped.written()).isEqualTo(new Tally(4, 0, 0));
  }

  @Test
  void guessesTheTypeFromTheNameOnlyWhereNothingIsTold() {
    MappedWrite mapped =
        map(
            v1Request(
                v1("requests_total").addSamples(sample(5, T)),
                v1("build_info", "version", "1").addSamples(sample(1, T)),
                v1("lonely_count").addSamples(sample(2.5, T)),
                v1("lonely_sum", "le", "1").addSamples(sample(3, T)),
                v1("odd_bucket", "le", "many").addSamples(sample(4, T)),
                v1("some", "quantile", "0.5").addSamples(sample(6, T)),
                v1("kube_pod_created").addSamples(sample(1.7e9, T))));

    Metric counter = metric(mapped, "requests");
    assertThat(counter.getSum().getIsMonotonic()).isTrue();
    assertThat(counter.getSum().getAggregationTemporality())
        .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    assertThat(texts(counter.getMetadataList()))
        .isEqualTo(Map.of("prometheus.name", "requests_total"));
    Metric info = metric(mapped, "build_info");
    assertThat(info.hasSum()).isTrue();
    assertThat(info.getSum().getIsMonotonic()).isFalse();
    assertThat(info.getMetadataList()).isEmpty();
    assertThat(metric(mapped, "lonely_count").hasGauge()).isTrue();
    assertThat(texts(metric(mapped, "lonely_sum").getGauge().getDataPoints(0).getAttributesList()))
        .isEqualTo(Map.of("le", "1"));
    assertThat(metric(mapped, "odd_bucket").hasGauge()).isTrue();
    assertThat(texts(metric(mapped, "some").getGauge().getDataPoints(0).getAttributesList()))
        .isEqualTo(Map.of("quantile", "0.5"));
    assertThat(metric(mapped, "kube_pod_created").getGauge().getDataPoints(0).getAsDouble())
        .isEqualTo(1.7e9);
  }

  @Test
  void remembersMetadataThatVersionOneSendsOnItsOwnForTheTenantThatSentIt() {
    MappedWrite learned =
        map(
            WriteRequest.newBuilder()
                .addMetadata(family("jobs_done", MetricType.COUNTER, "Jobs.", ""))
                .addMetadata(family("wait_seconds", MetricType.SUMMARY, "Waiting.", "seconds"))
                .addMetadata(family("mode", MetricType.STATESET, "", ""))
                .addMetadata(family("x_total", MetricType.UNKNOWN, "", ""))
                .build());
    WriteRequest samples =
        v1Request(
            v1("jobs_done").addSamples(sample(3, T)),
            v1("wait_seconds_count").addSamples(sample(2, T)),
            v1("wait_seconds_sum").addSamples(sample(9, T)),
            v1("mode", "mode", "on").addSamples(sample(1, T)),
            v1("x_total").addSamples(sample(1, T)));

    assertThat(learned.request().getResourceMetricsList()).isEmpty();
    assertThat(learned.problems()).isEmpty();
    MappedWrite mapped = map(samples);
    Metric counter = metric(mapped, "jobs_done");
    assertThat(counter.getSum().getIsMonotonic()).isTrue();
    assertThat(counter.getDescription()).isEqualTo("Jobs.");
    assertThat(texts(counter.getMetadataList())).isEqualTo(Map.of("prometheus.type", "counter"));
    Metric summary = metric(mapped, "wait_seconds");
    assertThat(summary.getUnit()).isEqualTo("s");
    assertThat(summary.getSummary().getDataPoints(0).getCount()).isEqualTo(2);
    assertThat(summary.getSummary().getDataPoints(0).getSum()).isEqualTo(9);
    assertThat(metric(mapped, "mode").getSum().getIsMonotonic()).isFalse();
    assertThat(metric(mapped, "x_total").hasGauge()).isTrue();
    assertThat(texts(metric(mapped, "x_total").getMetadataList()))
        .isEqualTo(Map.of("prometheus.type", "unknown"));
    assertThat(metric(map(OTHER, samples), "jobs_done").hasGauge()).isTrue();
  }

  @Test
  void makesOneHistogramOfTheSeriesOfAMoment() {
    V2 v2 = new V2();
    Request.Metadata told = v2.metadata(MetricType.HISTOGRAM, "Time taken.", "seconds");
    for (long t : List.of(T - 15_000, T)) {
      double factor = t == T ? 2 : 1;
      v2.add(
          v2.series("took_bucket", "job", "a", "le", "0.1", "path", "/")
              .setMetadata(told)
              .addSamples(at(3 * factor, t)));
      v2.add(
          v2.series("took_bucket", "job", "a", "le", "+Inf", "path", "/")
              .setMetadata(told)
              .addSamples(at(10 * factor, t)));
      v2.add(
          v2.series("took_bucket", "job", "a", "le", "1.0", "path", "/")
              .setMetadata(told)
              .addSamples(at(9 * factor, t)));
      v2.add(
          v2.series("took_count", "job", "a", "path", "/")
              .setMetadata(told)
              .addSamples(at(10 * factor, t)));
      v2.add(
          v2.series("took_sum", "job", "a", "path", "/")
              .setMetadata(told)
              .addSamples(at(4.5 * factor, t)));
    }

    MappedWrite mapped = map(v2.build());

    Metric metric = metric(mapped, "took");
    assertThat(metric.getDescription()).isEqualTo("Time taken.");
    assertThat(metric.getUnit()).isEqualTo("s");
    assertThat(metric.getHistogram().getAggregationTemporality())
        .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    assertThat(metric.getHistogram().getDataPointsCount()).isEqualTo(2);
    HistogramDataPoint last = metric.getHistogram().getDataPoints(1);
    assertThat(last.getExplicitBoundsList()).containsExactly(0.1, 1.0);
    assertThat(last.getBucketCountsList()).containsExactly(6L, 12L, 2L);
    assertThat(last.getCount()).isEqualTo(20);
    assertThat(last.getSum()).isEqualTo(9);
    assertThat(last.getTimeUnixNano()).isEqualTo(T_NANOS);
    assertThat(last.getStartTimeUnixNano()).isEqualTo((T - 60_000) * 1_000_000);
    assertThat(texts(last.getAttributesList())).isEqualTo(Map.of("path", "/"));
    assertThat(mapped.written()).isEqualTo(new Tally(10, 0, 0));
    assertThat(metrics(mapped)).hasSize(1);
  }

  @Test
  void keepsPartsOfAHistogramWhoseOthersAreInAnotherRequestUnderTheirOwnNames() {
    MappedWrite mapped =
        map(
            v1Request(
                v1("took_bucket", "le", "0.1").addSamples(sample(3, T)),
                v1("took_bucket", "le", "1").addSamples(sample(9, T)),
                v1("took_sum").addSamples(sample(4.5, T))));

    Metric buckets = metric(mapped, "took_bucket");
    assertThat(buckets.getSum().getIsMonotonic()).isTrue();
    assertThat(buckets.getSum().getDataPointsList())
        .extracting(point -> texts(point.getAttributesList()).get("le"))
        .containsExactly("0.1", "1");
    assertThat(metric(mapped, "took_sum").getSum().getDataPoints(0).getAsDouble()).isEqualTo(4.5);
    assertThat(mapped.written()).isEqualTo(new Tally(3, 0, 0));
    assertThat(mapped.problems()).isEmpty();
  }

  @Test
  void countsByTheLastBucketAndLeavesTheSumUnsetWhereTheyAreMissing() {
    MappedWrite mapped =
        map(
            v1Request(
                v1("took_bucket", "le", "1").addSamples(sample(9, T)),
                v1("took_bucket", "le", "+Inf").addSamples(sample(12, T))));

    HistogramDataPoint point = metric(mapped, "took").getHistogram().getDataPoints(0);
    assertThat(point.getCount()).isEqualTo(12);
    assertThat(point.hasSum()).isFalse();
    assertThat(point.getBucketCountsList()).containsExactly(9L, 3L);
  }

  @Test
  void keepsTheSamplesOfHistogramsThatOtlpCannotSayAsTheyAre() {
    MappedWrite falling =
        map(
            v1Request(
                v1("f_bucket", "le", "1").addSamples(sample(9, T)),
                v1("f_bucket", "le", "2").addSamples(sample(8, T)),
                v1("f_bucket", "le", "+Inf").addSamples(sample(12, T))));
    MappedWrite fractions =
        map(
            v1Request(
                v1("f_bucket", "le", "1").addSamples(sample(0.5, T)),
                v1("f_bucket", "le", "+Inf").addSamples(sample(2, T))));
    MappedWrite apart =
        map(
            v1Request(
                v1("f_count").addSamples(sample(11, T)),
                v1("f_bucket", "le", "+Inf").addSamples(sample(12, T))));

    assertThat(metric(falling, "f_bucket").getSum().getDataPointsCount()).isEqualTo(3);
    assertThat(metric(fractions, "f_bucket").getSum().getDataPointsList())
        .extracting(NumberDataPoint::getAsDouble)
        .containsExactly(0.5, 2.0);
    assertThat(metrics(apart)).extracting(Metric::getName).containsExactly("f_count", "f_bucket");
  }

  @Test
  void keepsSamplesThatSayTheSameMomentTwice() {
    MappedWrite mapped =
        map(
            v1Request(
                v1("h_count").addSamples(sample(4, T)).addSamples(sample(4, T)),
                v1("h_sum").addSamples(sample(1, T)).addSamples(sample(1, T)),
                v1("h_bucket", "le", "+Inf").addSamples(sample(4, T))));

    assertThat(metric(mapped, "h").getHistogram().getDataPointsList())
        .extracting(HistogramDataPoint::getCount)
        .containsExactly(4L, 4L);
    assertThat(metric(mapped, "h").getHistogram().getDataPoints(0).getBucketCountsList())
        .containsExactly(4L);
    assertThat(metric(mapped, "h").getHistogram().getDataPoints(1).getBucketCountsList()).isEmpty();
  }

  @Test
  void makesASummaryOfQuantilesCountAndSum() {
    MappedWrite mapped =
        map(
            v1Request(
                v1("s", "quantile", "0.99").addSamples(sample(8, T)),
                v1("s", "quantile", "0.5").addSamples(sample(Double.NaN, T)),
                v1("s_count").addSamples(sample(4, T)),
                v1("s_sum").addSamples(sample(13, T))));

    SummaryDataPoint point = metric(mapped, "s").getSummary().getDataPoints(0);
    assertThat(point.getCount()).isEqualTo(4);
    assertThat(point.getSum()).isEqualTo(13);
    assertThat(point.getQuantileValuesList())
        .extracting(SummaryDataPoint.ValueAtQuantile::getQuantile)
        .containsExactly(0.5, 0.99);
    assertThat(point.getQuantileValues(0).getValue()).isNaN();
    assertThat(metrics(mapped)).hasSize(1);
  }

  @Test
  void keepsNanAndInfinityAndTurnsStaleMarkersIntoFlags() {
    MappedWrite mapped =
        map(
            v1Request(
                v1("g")
                    .addSamples(sample(Double.NaN, T - 3))
                    .addSamples(sample(Double.NEGATIVE_INFINITY, T - 2))
                    .addSamples(sample(STALE, T)),
                v1("h_bucket", "le", "1").addSamples(sample(STALE, T)),
                v1("h_bucket", "le", "+Inf").addSamples(sample(STALE, T)),
                v1("h_count").addSamples(sample(STALE, T)),
                v1("h_sum").addSamples(sample(STALE, T)),
                v1("n").addHistograms(integerHistogram(T).setSum(STALE))));

    List<NumberDataPoint> points = metric(mapped, "g").getGauge().getDataPointsList();
    assertThat(points.get(0).getAsDouble()).isNaN();
    assertThat(points.get(0).getFlags()).isZero();
    assertThat(points.get(1).getAsDouble()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(points.get(2).getFlags()).isEqualTo(1);
    assertThat(points.get(2).hasAsDouble()).isFalse();
    HistogramDataPoint histogram = metric(mapped, "h").getHistogram().getDataPoints(0);
    assertThat(histogram.getFlags()).isEqualTo(1);
    assertThat(histogram.getCount()).isZero();
    assertThat(metric(mapped, "n").getExponentialHistogram().getDataPoints(0).getFlags())
        .isEqualTo(1);
    assertThat(metrics(mapped)).hasSize(3);
    assertThat(mapped.written()).isEqualTo(new Tally(7, 1, 0));
  }

  @Test
  void endsANativeHistogramAlsoByAFloat() {
    V2 v2 = new V2();
    v2.add(
        v2.series("n")
            .setMetadata(v2.metadata(MetricType.HISTOGRAM, "", ""))
            .addSamples(sample(STALE, T)));

    MappedWrite mapped = map(v2.build());

    assertThat(metric(mapped, "n").getExponentialHistogram().getDataPoints(0).getFlags())
        .isEqualTo(1);
    assertThat(mapped.written()).isEqualTo(new Tally(1, 0, 0));
  }

  @Test
  void aBucketThatEndsDoesNotEndItsHistogram() {
    MappedWrite mapped =
        map(
            v1Request(
                v1("h_bucket", "le", "1").addSamples(sample(STALE, T)),
                v1("h_bucket", "le", "+Inf").addSamples(sample(6, T)),
                v1("h_count").addSamples(sample(6, T))));

    assertThat(metric(mapped, "h").getHistogram().getDataPoints(0).getFlags()).isZero();
    assertThat(metric(mapped, "h_bucket").getSum().getDataPoints(0).getFlags()).isEqualTo(1);
  }

  @Test
  void takesTheStartFromCreatedSeries() {
    double created = 1_772_300_000.125;
    MappedWrite mapped =
        map(
            v1Request(
                v1("c_total", "a", "1").addSamples(sample(5, T)),
                v1("c_total", "a", "2").addSamples(sample(5, T)),
                v1("c_created", "a", "1").addSamples(sample(created, T)),
                v1("h_count").addSamples(sample(5, T)),
                v1("h_sum").addSamples(sample(5, T)),
                v1("h_created").addSamples(sample(created, T)),
                v1("h_created").addSamples(sample(created, T - 1))));

    assertThat(metric(mapped, "c").getSum().getDataPointsList())
        .extracting(NumberDataPoint::getStartTimeUnixNano)
        .containsExactly(1_772_300_000_125_000_000L, 0L);
    assertThat(metric(mapped, "h").getHistogram().getDataPoints(0).getStartTimeUnixNano())
        .isEqualTo(1_772_300_000_125_000_000L);
    assertThat(metric(mapped, "h_created").getGauge().getDataPointsCount()).isEqualTo(1);
    assertThat(mapped.written()).isEqualTo(new Tally(7, 0, 0));
  }

  @Test
  void putsExemplarsOfSeriesOfTheirOwnToThePointsOfTheSameLabels() {
    String trace = "0102030405060708090a0b0c0d0e0f10";
    V2 v2 = new V2();
    v2.add(v2.series("c_total", "a", "1").addSamples(sample(5, T)));
    v2.add(
        v2.series("h_bucket", "le", "1").addSamples(sample(5, T - 1000)).addSamples(sample(6, T)));
    v2.add(
        v2.series("h_bucket", "le", "+Inf")
            .addSamples(sample(5, T - 1000))
            .addSamples(sample(6, T)));
    v2.add(
        v2.series("h_bucket", "le", "1")
            .addExemplars(
                v2.exemplar(0.4, T - 500, "trace_id", trace, "span_id", "0102030405060708")));
    v2.add(
        v2.series("c_total", "a", "1")
            .addExemplars(v2.exemplar(1, T - 500, "trace_id", "none", "user", "u")));

    MappedWrite mapped = map(v2.build());

    assertThat(mapped.written()).isEqualTo(new Tally(5, 0, 2));
    HistogramDataPoint last = metric(mapped, "h").getHistogram().getDataPoints(1);
    Exemplar exemplar = last.getExemplars(0);
    assertThat(exemplar.getTraceId().size()).isEqualTo(16);
    assertThat(exemplar.getTraceId().byteAt(15)).isEqualTo((byte) 0x10);
    assertThat(exemplar.getSpanId().size()).isEqualTo(8);
    assertThat(exemplar.getAsDouble()).isEqualTo(0.4);
    assertThat(exemplar.getTimeUnixNano()).isEqualTo((T - 500) * 1_000_000);
    assertThat(exemplar.getFilteredAttributesList()).isEmpty();
    Exemplar other = metric(mapped, "c").getSum().getDataPoints(0).getExemplars(0);
    assertThat(texts(other.getFilteredAttributesList()))
        .isEqualTo(Map.of("trace_id", "none", "user", "u"));
  }

  @Test
  void keepsExemplarsWhoseSamplesAreInAnotherRequest() {
    V2 v2 = new V2();
    v2.add(v2.series("h_bucket", "le", "1").addExemplars(v2.exemplar(0.4, T)));
    v2.add(v2.series("h_bucket", "le", "2").addExemplars(v2.exemplar(1.4, 0)));
    v2.add(
        v2.series("n")
            .setMetadata(v2.metadata(MetricType.HISTOGRAM, "", ""))
            .addExemplars(v2.exemplar(3, T)));

    MappedWrite mapped = map(v2.build());

    assertThat(mapped.written()).isEqualTo(new Tally(0, 0, 3));
    assertThat(metric(mapped, "h").getHistogram().getDataPointsCount()).isEqualTo(1);
    HistogramDataPoint carrier = metric(mapped, "h").getHistogram().getDataPoints(0);
    assertThat(carrier.getFlags()).isEqualTo(1);
    assertThat(carrier.getExemplarsCount()).isEqualTo(2);
    assertThat(metric(mapped, "n").getExponentialHistogram().getDataPoints(0).getExemplarsCount())
        .isEqualTo(1);
  }

  @Test
  void addsTargetInfoToTheResourceAlsoInLaterRequests() {
    map(
        v1Request(
            v1("target_info", "instance", "i", "job", "j", "k8s_pod_name", "p", "service.name", "x")
                .addSamples(sample(1, T))));
    MappedWrite mapped =
        map(v1Request(v1("up", "instance", "i", "job", "j").addSamples(sample(1, T))));

    assertThat(texts(mapped.request().getResourceMetrics(0).getResource().getAttributesList()))
        .isEqualTo(Map.of("service.name", "j", "service.instance.id", "i", "k8s_pod_name", "p"));
  }

  @Test
  void usesLabelsOfTypeAndUnit() {
    MappedWrite mapped =
        map(
            v1Request(
                v1("g", "__type__", "counter", "__unit__", "bytes").addSamples(sample(1, T))));

    Metric metric = metric(mapped, "g");
    assertThat(metric.getSum().getIsMonotonic()).isTrue();
    assertThat(metric.getUnit()).isEqualTo("By");
    assertThat(metric.getSum().getDataPoints(0).getAttributesList()).isEmpty();
  }

  @Test
  void refusesSeriesWithWrongLabelsAndWritesTheRest() {
    MappedWrite mapped =
        map(
            v1Request(
                v1(List.of("job", "a")).addSamples(sample(1, T)),
                v1("twice", "a", "1", "a", "2").addSamples(sample(1, T)),
                v1("unnamed", "", "1").addSamples(sample(1, T)),
                v1("").addSamples(sample(1, T)),
                v1("wrong")
                    .addLabels(
                        label("a", "").toBuilder()
                            .setValue(ByteString.copyFrom(new byte[] {'x', (byte) 0xc3}))
                            .build())
                    .addSamples(sample(1, T))
                    .addSamples(sample(2, T)),
                v1("long", "a", "é".repeat(501)).addSamples(sample(1, T)),
                v1(List.of("z", "1", "__name__", "good", "a", "2", "empty", ""))
                    .addSamples(sample(1, T))));

    assertThat(mapped.written()).isEqualTo(new Tally(1, 0, 0));
    assertThat(metrics(mapped)).extracting(Metric::getName).containsExactly("good");
    assertThat(texts(metric(mapped, "good").getGauge().getDataPoints(0).getAttributesList()))
        .isEqualTo(Map.of("a", "2", "z", "1"));
    assertThat(mapped.problems())
        .isEqualTo(
            "7 of 8 samples, 0 of 0 histograms and 0 of 0 exemplars were refused, the rest was written: "
                + "series {job=\"a\"} has no name, expected a label __name__ that is not empty; "
                + "series twice{a=\"1\", a=\"2\"} has label 'a' twice, expected each name once; "
                + "series unnamed{=\"1\"} has a label without a name, expected a name for each value; "
                + "series {} has no name, expected a label __name__ that is not empty; "
                + "series wrong{a=\"x\uFFFD\"} has labels that are not UTF-8; and 1 more problems");
  }

  @Test
  void refusesTimesOutsideOfTheLimits() {
    V2 v2 = new V2();
    v2.add(
        v2.series("g")
            .addSamples(sample(1, NOW.toEpochMilli() + 3_600_001))
            .addSamples(sample(1, NOW.toEpochMilli() + 3_600_000))
            .addSamples(sample(1, NOW.toEpochMilli() - Duration.ofDays(14).toMillis() - 1))
            .addSamples(sample(1, Long.MIN_VALUE))
            .addSamples(sample(1, Long.MAX_VALUE))
            .addSamples(sample(1, T).toBuilder().setStartTimestamp(T + 1)));

    MappedWrite mapped = map(v2.build());

    assertThat(mapped.written()).isEqualTo(new Tally(1, 0, 0));
    assertThat(mapped.problems())
        .contains("series g has timestamp 1772370000001, more than PT1H after now (1772366400000)")
        .contains("series g has timestamp -9223372036854775808, more than PT336H before now")
        .contains("series g has timestamp 9223372036854775807, more than PT1H after now")
        .contains("start_timestamp 1772366395001, expected 0 to its timestamp 1772366395000");
  }

  @Test
  void refusesReferencesThatLeadNowhere() {
    V2 v2 = new V2();
    v2.add(v2.series("odd").addLabelsRefs(0).addSamples(sample(1, T)));
    v2.add(v2.series("far").addLabelsRefs(1).addLabelsRefs(4_000).addSamples(sample(1, T)));
    v2.add(v2.series("beyond").addLabelsRefs(1).addLabelsRefs(-1).addSamples(sample(1, T)));
    v2.add(
        v2.series("help")
            .setMetadata(Request.Metadata.newBuilder().setHelpRef(77))
            .addSamples(sample(1, T)));
    v2.add(v2.series("empty"));
    v2.add(
        v2.series("good")
            .addSamples(sample(1, T))
            .addExemplars(Request.Exemplar.newBuilder().addLabelsRefs(1)));

    MappedWrite mapped = map(v2.build());

    assertThat(mapped.written()).isEqualTo(new Tally(1, 0, 0));
    assertThat(mapped.problems())
        .startsWith("4 of 5 samples, 0 of 0 histograms and 1 of 1 exemplars were refused")
        .contains("a series has 3 label references, expected an even number")
        .contains("a series has label reference 4000, expected one of 8 symbols")
        .contains("a series has label reference 4294967295")
        .contains("series help has help reference 77")
        .contains("series empty has no sample, histogram or exemplar");
  }

  @Test
  void refusesARequestWhoseFirstSymbolIsNotEmpty() {
    Request request =
        Request.newBuilder()
            .addSymbols(ByteString.copyFromUtf8("__name__"))
            .addTimeseries(Request.TimeSeries.newBuilder().addLabelsRefs(0).addLabelsRefs(0))
            .build();

    assertThatThrownBy(() -> map(request))
        .isInstanceOf(SignalDbException.class)
        .hasMessage("The first of 1 symbols is '__name__', expected an empty one")
        .extracting(failure -> ((SignalDbException) failure).code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(map(Request.getDefaultInstance()).written()).isEqualTo(Tally.NONE);
  }

  @Test
  void refusesARequestThatIsSmallOnlyByItsReferences() {
    V2 v2 = new V2();
    String text = "x".repeat(900);
    for (int i = 0; i < 200; i++) {
      v2.add(v2.series("g" + i, "a", text).addSamples(sample(1, T)));
    }

    assertThatThrownBy(() -> map(v2.build()))
        .hasMessageContaining("The texts that series refer to are more than 160000 bytes")
        .extracting(failure -> ((SignalDbException) failure).code())
        .isEqualTo(ErrorCode.TOO_LARGE);
  }

  @Test
  void refusesAMessageOfTheOtherVersionAndBytesThatAreNone() {
    byte[] v1 = v1Request(v1("g").addSamples(sample(1, T))).toByteArray();
    V2 v2 = new V2();
    byte[] two = v2.add(v2.series("g").addSamples(sample(1, T))).build().toByteArray();

    assertThatThrownBy(() -> mapper.map(TENANT, RemoteWriteVersion.V2, ByteBuffer.wrap(v1)))
        .hasMessageContaining("looks like a prometheus.WriteRequest");
    assertThatThrownBy(() -> mapper.map(TENANT, RemoteWriteVersion.V1, ByteBuffer.wrap(two)))
        .hasMessageContaining("looks like a io.prometheus.write.v2.Request");
    assertThatThrownBy(
            () -> mapper.map(TENANT, RemoteWriteVersion.V1, ByteBuffer.wrap(v1, 0, v1.length - 1)))
        .hasMessageContaining("The body is not a prometheus.WriteRequest")
        .hasMessageContaining("of %d)".formatted(v1.length - 1));
  }

  @Test
  void refusesHistogramsThatContradictThemselvesByName() {
    MappedWrite mapped =
        map(
            v1Request(
                v1("n", "a", "1")
                    .addHistograms(integerHistogram(T).setCountInt(15))
                    .addHistograms(integerHistogram(T))));

    assertThat(mapped.written()).isEqualTo(new Tally(0, 1, 0));
    assertThat(mapped.problems())
        .isEqualTo(
            "0 of 0 samples, 1 of 2 histograms and 0 of 0 exemplars were refused, the rest was written: "
                + "histogram of series n{a=\"1\"} at 1772366395000: count is 15 with 14 in its buckets, expected them to agree");
  }

  @Test
  void takesBackAllThatADataPointStandsFor() {
    V2 v2 = new V2();
    v2.add(v2.series("h_bucket", "le", "+Inf").addSamples(sample(5, T)));
    v2.add(v2.series("h_count").addSamples(sample(5, T)));
    v2.add(v2.series("h_bucket", "le", "+Inf").addExemplars(v2.exemplar(0.4, T)));
    v2.add(v2.series("g").addSamples(sample(5, T)));
    MappedWrite mapped = map(v2.build());

    mapped.refuse(metric(mapped, "h").getHistogram().getDataPoints(0), "too much");

    assertThat(mapped.written()).isEqualTo(new Tally(1, 0, 0));
    assertThat(mapped.problems())
        .isEqualTo(
            "2 of 3 samples, 0 of 0 histograms and 1 of 1 exemplars were refused, the rest was written: "
                + "data point of h: too much");
  }

  @Test
  void saysThatANativeHistogramIsAGauge() {
    MappedWrite mapped =
        map(v1Request(v1("n").addHistograms(integerHistogram(T).setResetHintValue(3))));

    assertThat(texts(metric(mapped, "n").getMetadataList()))
        .isEqualTo(Map.of("prometheus.type", "gaugehistogram"));
    assertThat(metric(mapped, "n").getExponentialHistogram().getDataPoints(0).getSum())
        .isCloseTo(31.5, within(0.0));
  }

  private MappedWrite map(WriteRequest request) {
    return map(TENANT, request);
  }

  private MappedWrite map(TenantContext tenant, WriteRequest request) {
    return map(tenant, RemoteWriteVersion.V1, request);
  }

  private MappedWrite map(Request request) {
    return map(TENANT, RemoteWriteVersion.V2, request);
  }

  private MappedWrite map(TenantContext tenant, RemoteWriteVersion version, MessageLite request) {
    return mapper.map(tenant, version, ByteBuffer.wrap(request.toByteArray()));
  }

  private static Sample at(double value, long millis) {
    return Sample.newBuilder()
        .setValue(value)
        .setTimestamp(millis)
        .setStartTimestamp(T - 60_000)
        .build();
  }

  private static WriteRequest.Metadata family(
      String name, MetricType type, String help, String unit) {
    return WriteRequest.Metadata.newBuilder()
        .setMetricFamilyName(ByteString.copyFromUtf8(name))
        .setType(type)
        .setHelp(ByteString.copyFromUtf8(help))
        .setUnit(ByteString.copyFromUtf8(unit))
        .build();
  }

  private static List<Metric> metrics(MappedWrite mapped) {
    return mapped.request().getResourceMetricsList().stream()
        .flatMap(resource -> resource.getScopeMetricsList().stream())
        .flatMap(scope -> scope.getMetricsList().stream())
        .toList();
  }

  private static Metric metric(MappedWrite mapped, String name) {
    List<Metric> found =
        metrics(mapped).stream().filter(metric -> metric.getName().equals(name)).toList();
    assertThat(found).as("metrics named %s of %s", name, metrics(mapped)).hasSize(1);
    return found.get(0);
  }

  private static Map<String, String> texts(List<KeyValue> attributes) {
    return attributes.stream()
        .collect(toMap(KeyValue::getKey, entry -> entry.getValue().getStringValue()));
  }
}
