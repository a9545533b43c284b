package io.signaldb.producer;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.LongGauge;
import io.opentelemetry.api.metrics.LongHistogram;
import io.opentelemetry.api.metrics.LongUpDownCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import io.opentelemetry.sdk.metrics.internal.data.ImmutableMetricData;
import io.opentelemetry.sdk.metrics.internal.data.ImmutableSummaryData;
import io.opentelemetry.sdk.metrics.internal.data.ImmutableSummaryPointData;
import io.opentelemetry.sdk.metrics.internal.data.ImmutableValueAtQuantile;
import io.opentelemetry.sdk.resources.Resource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A metric of every kind OTLP has: sums that only rise and others, a gauge, histograms with given
 * and with exponential buckets, and a summary. Those recorded within a span have exemplars.
 */
final class PodMeters {
  private static final int SUMMARIZED = 1000;

  /** Bounds the semantic conventions advise for durations; the SDK's own suit milliseconds. */
  private static final List<Double> SECONDS =
      List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

  private final Resource resource;
  private final Telemetry telemetry;
  private final Reader reader = new Reader();
  private final LongCounter operations;
  private final LongUpDownCounter stock;
  private final LongGauge queue;
  private final DoubleHistogram duration;
  private final LongHistogram size;
  private final List<Double> recent = new ArrayList<>();
  private final long start = nanos();
  private long count;
  private double sum;

  PodMeters(Resource resource, Telemetry telemetry) {
    this.resource = resource;
    this.telemetry = telemetry;
    Meter meter =
        SdkMeterProvider.builder()
            .setResource(resource)
            .registerMetricReader(reader)
            .registerView(
                InstrumentSelector.builder().setName("shop.message.size").build(),
                View.builder()
                    .setAggregation(Aggregation.base2ExponentialBucketHistogram())
                    .build())
            .build()
            .get(Pod.SCOPE);
    operations =
        meter.counterBuilder("shop.operations").setDescription("Operations that ended").build();
    stock = meter.upDownCounterBuilder("shop.stock").setDescription("Items in stock").build();
    queue = meter.gaugeBuilder("shop.queue.length").ofLongs().setUnit("{request}").build();
    duration =
        meter
            .histogramBuilder("shop.operation.duration")
            .setUnit("s")
            .setDescription("How long operations took")
            .setExplicitBucketBoundariesAdvice(SECONDS)
            .build();
    size = meter.histogramBuilder("shop.message.size").ofLongs().setUnit("By").build();
  }

  void ended(Operation operation, Context context, long nanos, boolean failed) {
    if (!telemetry.hasMetrics()) {
      return;
    }
    Attributes attributes =
        Attributes.builder()
            .put("operation", operation.name())
            .put("error.type", failed ? "timeout" : "none")
            .build();
    double seconds = nanos / 1e9;
    operations.add(1, attributes, context);
    stock.add(failed ? 1 : -1, Attributes.empty(), context);
    queue.set(nanos % 10, Attributes.empty(), context);
    duration.record(seconds, attributes, context);
    size.record(nanos % 65_536, Attributes.empty(), context);
    count++;
    sum += seconds;
    if (recent.size() < SUMMARIZED) {
      recent.add(seconds);
    }
  }

  /** Reports all metrics as they are now. */
  void collect() {
    if (count == 0) {
      return;
    }
    reader.registration.collectAllMetrics().forEach(telemetry::add);
    telemetry.add(
        ImmutableMetricData.createDoubleSummary(
            resource,
            InstrumentationScopeInfo.create(Pod.SCOPE),
            "shop.operation.summary",
            "How long operations took, of the latest",
            "s",
            ImmutableSummaryData.create(List.of(summary()))));
  }

  /** The SDK's instruments make no summaries; only its data classes know them. */
  private ImmutableSummaryPointData summary() {
    Collections.sort(recent);
    ImmutableSummaryPointData point =
        ImmutableSummaryPointData.create(
            start,
            nanos(),
            Attributes.empty(),
            count,
            sum,
            List.of(
                ImmutableValueAtQuantile.create(0.5, quantile(0.5)),
                ImmutableValueAtQuantile.create(0.99, quantile(0.99))));
    recent.clear();
    return point;
  }

  private double quantile(double quantile) {
    return recent.isEmpty()
        ? Double.NaN
        : recent.get((int) Math.min(recent.size() - 1, quantile * recent.size()));
  }

  private static long nanos() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  /** Reads when it is told to. */
  private static final class Reader implements MetricReader {
    private CollectionRegistration registration = CollectionRegistration.noop();

    @Override
    public void register(CollectionRegistration given) {
      registration = given;
    }

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType type) {
      return AggregationTemporality.CUMULATIVE;
    }

    @Override
    public CompletableResultCode forceFlush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
