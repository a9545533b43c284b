package io.signaldb.benchmarks.micro;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.signaldb.acceptor.otlp.OtlpEncoder;
import io.signaldb.acceptor.otlp.RowLimits;
import io.signaldb.benchmarks.endtoend.Workload;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** Requests of the end-to-end workload and the batches they become. */
final class Batches {
  private Batches() {}

  static TableSchema traces() {
    return Schemas.load().table("traces");
  }

  static OtlpEncoder<ExportTraceServiceRequest> encoder() {
    return OtlpEncoder.traces(Schemas.load(), RowLimits.DEFAULT, Clock.systemUTC());
  }

  /** Encoded OTLP requests of 512 spans. */
  static List<byte[]> requests(int count) {
    return Workload.generate((long) count * 520, 1, Instant.now()).requests().subList(0, count);
  }

  /**
   * Encoded OTLP requests of 512 log records: one of each span, in its trace, with its attributes.
   */
  static List<byte[]> logRequests(int count) {
    return requests(count).stream().map(request -> logs(parse(request)).toByteArray()).toList();
  }

  private static ExportLogsServiceRequest logs(ExportTraceServiceRequest request) {
    ExportLogsServiceRequest.Builder logs = ExportLogsServiceRequest.newBuilder();
    for (ResourceSpans resource : request.getResourceSpansList()) {
      ResourceLogs.Builder ofResource =
          logs.addResourceLogsBuilder().setResource(resource.getResource());
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        ScopeLogs.Builder ofScope = ofResource.addScopeLogsBuilder().setScope(scope.getScope());
        scope.getSpansList().forEach(span -> ofScope.addLogRecords(log(span)));
      }
    }
    return logs.build();
  }

  private static LogRecord log(Span span) {
    return LogRecord.newBuilder()
        .setTimeUnixNano(span.getStartTimeUnixNano())
        .setObservedTimeUnixNano(span.getEndTimeUnixNano())
        .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_INFO)
        .setSeverityText("INFO")
        .setBody(AnyValue.newBuilder().setStringValue("done: " + span.getName()))
        .setTraceId(span.getTraceId())
        .setSpanId(span.getSpanId())
        .addAllAttributes(span.getAttributesList())
        .build();
  }

  static ExportTraceServiceRequest parse(byte[] request) {
    try {
      return ExportTraceServiceRequest.parseFrom(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Arrow IPC streams of 512 spans. */
  static List<ByteBuffer> ipc(int count) {
    OtlpEncoder<ExportTraceServiceRequest> encoder = encoder();
    return requests(count).stream()
        .map(request -> encoder.encode(parse(request)).batches().get(0).ipc())
        .toList();
  }
}
