package io.signaldb.acceptor.otlp;

import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.List;
import java.util.function.Function;

/**
 * What every OTLP request looks like: resources, in them scopes, in them items, which are rows or
 * have rows in them.
 *
 * @param rows the rows of an item
 * @param resourcesField number of the field with the resources, as of those that follow
 */
record RequestShape<Q extends Message, R extends Message, S extends Message, I extends Message>(
    Function<Q, List<R>> resources,
    Function<R, Resource> resource,
    Function<R, List<S>> scopes,
    Function<S, InstrumentationScope> scope,
    Function<S, List<I>> items,
    Function<I, List<? extends Message>> rows,
    int resourcesField,
    int scopesField,
    int itemsField) {

  static final RequestShape<ExportTraceServiceRequest, ResourceSpans, ScopeSpans, Span> TRACES =
      new RequestShape<>(
          ExportTraceServiceRequest::getResourceSpansList,
          ResourceSpans::getResource,
          ResourceSpans::getScopeSpansList,
          ScopeSpans::getScope,
          ScopeSpans::getSpansList,
          List::of,
          ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER,
          ResourceSpans.SCOPE_SPANS_FIELD_NUMBER,
          ScopeSpans.SPANS_FIELD_NUMBER);

  static final RequestShape<ExportLogsServiceRequest, ResourceLogs, ScopeLogs, LogRecord> LOGS =
      new RequestShape<>(
          ExportLogsServiceRequest::getResourceLogsList,
          ResourceLogs::getResource,
          ResourceLogs::getScopeLogsList,
          ScopeLogs::getScope,
          ScopeLogs::getLogRecordsList,
          List::of,
          ExportLogsServiceRequest.RESOURCE_LOGS_FIELD_NUMBER,
          ResourceLogs.SCOPE_LOGS_FIELD_NUMBER,
          ScopeLogs.LOG_RECORDS_FIELD_NUMBER);

  static final RequestShape<ExportMetricsServiceRequest, ResourceMetrics, ScopeMetrics, Metric>
      METRICS =
          new RequestShape<>(
              ExportMetricsServiceRequest::getResourceMetricsList,
              ResourceMetrics::getResource,
              ResourceMetrics::getScopeMetricsList,
              ScopeMetrics::getScope,
              ScopeMetrics::getMetricsList,
              MetricRows::points,
              ExportMetricsServiceRequest.RESOURCE_METRICS_FIELD_NUMBER,
              ResourceMetrics.SCOPE_METRICS_FIELD_NUMBER,
              ScopeMetrics.METRICS_FIELD_NUMBER);

  /** Takes an item with what encloses it. */
  @FunctionalInterface
  interface Visitor<R, S, I> {
    void visit(R resource, S scope, I item);
  }

  /** Visits the items of good resources and scopes; rejects all rows of the others. */
  void visit(Q request, RowValidator validator, Rejections rejections, Visitor<R, S, I> visitor) {
    for (R outer : resources.apply(request)) {
      Rejection wrongResource =
          validator.checkAttributes(resource.apply(outer).getAttributesList());
      for (S inner : scopes.apply(outer)) {
        Rejection wrong =
            wrongResource != null
                ? wrongResource
                : validator.checkAttributes(scope.apply(inner).getAttributesList());
        for (I item : items.apply(inner)) {
          if (wrong == null) {
            visitor.visit(outer, inner, item);
          } else {
            rows.apply(item).forEach(row -> rejections.add(wrong, row));
          }
        }
      }
    }
  }
}
