package io.signaldb.acceptor.otlp;

import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.signaldb.common.schema.Schemas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Data points on their way into the tables of the five kinds of metrics. */
final class MetricRows implements RequestRows<ExportMetricsServiceRequest> {
  private final RowLimits limits;
  private final BatchBuilder<NumberRow> gauges;
  private final BatchBuilder<NumberRow> sums;
  private final BatchBuilder<HistogramRow> histograms;
  private final BatchBuilder<ExponentialHistogramRow> exponentialHistograms;
  private final BatchBuilder<SummaryRow> summaries;

  MetricRows(Schemas schemas, RowLimits limits) {
    this.limits = limits;
    gauges = batch(schemas, "metrics_gauge", NumberRow.class);
    sums = batch(schemas, "metrics_sum", NumberRow.class);
    histograms = batch(schemas, "metrics_histogram", HistogramRow.class);
    exponentialHistograms =
        batch(schemas, "metrics_exponential_histogram", ExponentialHistogramRow.class);
    summaries = batch(schemas, "metrics_summary", SummaryRow.class);
  }

  private <R extends Record> BatchBuilder<R> batch(Schemas schemas, String table, Class<R> row) {
    return new BatchBuilder<>(
        schemas.table(table), row, limits.attributes(), BatchBuilder.MAX_CELLS);
  }

  /** The data points of a metric, of whatever kind. */
  static List<? extends Message> points(Metric metric) {
    return switch (metric.getDataCase()) {
      case GAUGE -> metric.getGauge().getDataPointsList();
      case SUM -> metric.getSum().getDataPointsList();
      case HISTOGRAM -> metric.getHistogram().getDataPointsList();
      case EXPONENTIAL_HISTOGRAM -> metric.getExponentialHistogram().getDataPointsList();
      case SUMMARY -> metric.getSummary().getDataPointsList();
      case DATA_NOT_SET -> List.of();
    };
  }

  @Override
  public String noun() {
    return "data point";
  }

  @Override
  public void add(ExportMetricsServiceRequest request, long nowUnixNano, Rejections rejections) {
    PointValidator validator = new PointValidator(limits, nowUnixNano);
    RequestShape.METRICS.visit(
        request,
        validator,
        rejections,
        (resource, scope, metric) -> {
          List<? extends Message> points = points(metric);
          if (points.isEmpty()) {
            rejections.warn(PointValidator.withoutPoints(metric));
          }
          Rejection wrongMetric = validator.check(metric);
          for (Message point : points) {
            Rejection rejection =
                wrongMetric != null ? wrongMetric : add(resource, scope, metric, point, validator);
            if (rejection != null) {
              rejections.add(rejection, point);
            }
          }
        });
  }

  /** Adds a point, or says why it cannot be stored. */
  private @Nullable Rejection add(
      ResourceMetrics resource,
      ScopeMetrics scope,
      Metric metric,
      Message message,
      PointValidator validator) {
    Rejection rejection;
    boolean added;
    if (message instanceof NumberDataPoint point) {
      rejection = validator.check(point);
      BatchBuilder<NumberRow> batch = metric.hasSum() ? sums : gauges;
      added = rejection == null && batch.add(new NumberRow(resource, scope, metric, point));
    } else if (message instanceof HistogramDataPoint point) {
      rejection = validator.check(point);
      added = rejection == null && histograms.add(new HistogramRow(resource, scope, metric, point));
    } else if (message instanceof ExponentialHistogramDataPoint point) {
      rejection = validator.check(point);
      added =
          rejection == null
              && exponentialHistograms.add(
                  new ExponentialHistogramRow(resource, scope, metric, point));
    } else {
      SummaryDataPoint point = (SummaryDataPoint) message;
      rejection = validator.check(point);
      added = rejection == null && summaries.add(new SummaryRow(resource, scope, metric, point));
    }
    return rejection == null && !added ? TOO_LARGE : rejection;
  }

  /** Metrics are few beside their points, and are read through message objects. */
  @Override
  public void read(byte[] request, int offset, int length, long nowUnixNano) {
    throw new NotPlain();
  }

  @Override
  public List<BatchBuilder<?>> batches() {
    return List.of(gauges, sums, histograms, exponentialHistograms, summaries);
  }
}
