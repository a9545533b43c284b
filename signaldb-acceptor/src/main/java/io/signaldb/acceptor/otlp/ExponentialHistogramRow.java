package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;

/**
 * One data point of a exponential histogram with the messages that enclose it; see {@link SpanRow}.
 */
record ExponentialHistogramRow(
    ResourceMetrics resource,
    ScopeMetrics scope,
    Metric metric,
    ExponentialHistogramDataPoint point) {}
