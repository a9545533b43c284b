package io.signaldb.it;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import java.time.Instant;
import java.util.List;

/** OTLP log records, metrics and requests for tests. */
final class LogsAndMetrics {
  private LogsAndMetrics() {}

  /** A valid record of now. */
  static LogRecord.Builder log(String body) {
    return LogRecord.newBuilder()
        .setTimeUnixNano(Spans.nanos(Instant.now()))
        .setBody(AnyValue.newBuilder().setStringValue(body));
  }

  static ExportLogsServiceRequest logs(String service, LogRecord.Builder... records) {
    ScopeLogs.Builder scope = ScopeLogs.newBuilder();
    List.of(records).forEach(scope::addLogRecords);
    return ExportLogsServiceRequest.newBuilder()
        .addResourceLogs(
            ResourceLogs.newBuilder().setResource(resource(service)).addScopeLogs(scope))
        .build();
  }

  /** A valid gauge with one point of now. */
  static Metric.Builder gauge(String name, double value) {
    return Metric.newBuilder()
        .setName(name)
        .setGauge(
            Gauge.newBuilder()
                .addDataPoints(
                    NumberDataPoint.newBuilder()
                        .setTimeUnixNano(Spans.nanos(Instant.now()))
                        .setAsDouble(value)));
  }

  /** A valid histogram of three buckets with one point of now. */
  static HistogramDataPoint.Builder histogramPoint() {
    return HistogramDataPoint.newBuilder()
        .setTimeUnixNano(Spans.nanos(Instant.now()))
        .setCount(6)
        .addAllExplicitBounds(List.of(1.0, 2.0))
        .addAllBucketCounts(List.of(1L, 2L, 3L));
  }

  static Metric.Builder histogram(String name, HistogramDataPoint.Builder... points) {
    Histogram.Builder histogram =
        Histogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    List.of(points).forEach(histogram::addDataPoints);
    return Metric.newBuilder().setName(name).setHistogram(histogram);
  }

  static ExportMetricsServiceRequest metrics(String service, Metric.Builder... metrics) {
    ScopeMetrics.Builder scope = ScopeMetrics.newBuilder();
    List.of(metrics).forEach(scope::addMetrics);
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder().setResource(resource(service)).addScopeMetrics(scope))
        .build();
  }

  private static Resource.Builder resource(String service) {
    return Resource.newBuilder().addAttributes(Spans.text("service.name", service));
  }
}
