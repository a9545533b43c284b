package io.signaldb.acceptor.prometheus;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.signaldb.acceptor.prometheus.Labels.Label;

/**
 * What points of one OTLP metric have in common.
 *
 * @param prometheusName name of its series where that is another than the metric's; else empty
 */
record MetricKey(String name, Data data, FamilyMetadata family, String prometheusName) {
  private static final String TYPE_KEY = "prometheus.type";
  private static final String NAME_KEY = "prometheus.name";

  /** Kinds of data; what Prometheus has is cumulative. */
  enum Data {
    GAUGE,
    COUNTER,
    SUM,
    HISTOGRAM,
    EXPONENTIAL_HISTOGRAM,
    SUMMARY
  }

  MetricKey(String name, Data data, FamilyMetadata family) {
    this(name, data, family, "");
  }

  /** The metric without points. */
  Metric.Builder metric() {
    Metric.Builder metric =
        Metric.newBuilder().setName(name).setDescription(family.help()).setUnit(family.ucum());
    String type = family.typeName();
    if (type != null) {
      metric.addMetadata(text(TYPE_KEY, type));
    }
    if (!prometheusName.isEmpty()) {
      metric.addMetadata(text(NAME_KEY, prometheusName));
    }
    AggregationTemporality cumulative = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
    switch (data) {
      case GAUGE -> metric.getGaugeBuilder();
      case COUNTER ->
          metric.getSumBuilder().setIsMonotonic(true).setAggregationTemporality(cumulative);
      case SUM -> metric.getSumBuilder().setAggregationTemporality(cumulative);
      case HISTOGRAM -> metric.getHistogramBuilder().setAggregationTemporality(cumulative);
      case EXPONENTIAL_HISTOGRAM ->
          metric.getExponentialHistogramBuilder().setAggregationTemporality(cumulative);
      case SUMMARY -> metric.getSummaryBuilder();
    }
    return metric;
  }

  private static KeyValue text(String key, String value) {
    return new Label(key, value).attribute();
  }
}
