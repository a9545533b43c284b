package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.Random;

/** {@link RandomTraces} with a record instead of each span, each with a time at least. */
final class RandomLogs {
  private final Random random;
  private final RandomTraces traces;

  RandomLogs(int seed) {
    random = new Random(seed);
    traces = new RandomTraces(seed);
  }

  ExportLogsServiceRequest request() {
    ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
    for (ResourceSpans resource : traces.request().getResourceSpansList()) {
      ResourceLogs.Builder logs = ResourceLogs.newBuilder().setSchemaUrl(resource.getSchemaUrl());
      if (resource.hasResource()) {
        logs.setResource(resource.getResource());
      }
      resource.getScopeSpansList().forEach(scope -> logs.addScopeLogs(scope(scope)));
      request.addResourceLogs(logs);
    }
    return request.build();
  }

  private ScopeLogs.Builder scope(ScopeSpans spans) {
    ScopeLogs.Builder scope = ScopeLogs.newBuilder().setSchemaUrl(spans.getSchemaUrl());
    if (spans.hasScope()) {
      scope.setScope(spans.getScope());
    }
    spans.getSpansList().forEach(span -> scope.addLogRecords(record(span)));
    return scope;
  }

  private LogRecord.Builder record(Span span) {
    LogRecord.Builder record =
        LogRecord.newBuilder()
            .setTraceId(span.getTraceId())
            .setSpanId(span.getParentSpanId())
            .setFlags(span.getFlags())
            .setSeverityNumberValue(random.nextInt(25))
            .setSeverityText(span.getTraceState())
            .setEventName(span.getStatus().getMessage())
            .setDroppedAttributesCount(span.getDroppedAttributesCount())
            .addAllAttributes(span.getAttributesList());
    if (random.nextInt(4) != 0) {
      record.setTimeUnixNano(span.getStartTimeUnixNano());
    }
    if (record.getTimeUnixNano() == 0 || random.nextBoolean()) {
      record.setObservedTimeUnixNano(span.getEndTimeUnixNano());
    }
    if (span.getAttributesCount() > 0) {
      record.setBody(span.getAttributes(random.nextInt(span.getAttributesCount())).getValue());
    }
    return record;
  }
}
