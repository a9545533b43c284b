package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;

/** One data point of a gauge or sum with the messages that enclose it; see {@link SpanRow}. */
record NumberRow(
    ResourceMetrics resource, ScopeMetrics scope, Metric metric, NumberDataPoint point) {}
