package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;

/** One data point of a summary with the messages that enclose it; see {@link SpanRow}. */
record SummaryRow(
    ResourceMetrics resource, ScopeMetrics scope, Metric metric, SummaryDataPoint point) {}
