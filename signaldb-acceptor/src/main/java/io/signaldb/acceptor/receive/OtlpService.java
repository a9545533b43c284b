package io.signaldb.acceptor.receive;

import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.signaldb.acceptor.otlp.OtlpEncoder;
import io.signaldb.acceptor.otlp.RowLimits;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.Signal;
import java.time.Clock;

/**
 * One of OTLP's export services: all in which the signals differ at the endpoints.
 *
 * @param emptyRequest a request without anything in it
 * @param name of the gRPC service, in full
 * @param emptyResponse what is answered when all is well
 * @param partialSuccess what is answered when there is something to tell
 * @param <Q> the requests
 */
record OtlpService<Q extends Message>(
    Signal signal,
    Q emptyRequest,
    String name,
    OtlpEncoder<Q> encoder,
    Message emptyResponse,
    PartialSuccess partialSuccess) {

  /** Makes a response. */
  @FunctionalInterface
  interface PartialSuccess {
    Message response(int rejected, String message);
  }

  static OtlpService<ExportTraceServiceRequest> traces(
      Schemas schemas, RowLimits limits, Clock clock) {
    return new OtlpService<>(
        Signal.TRACES,
        ExportTraceServiceRequest.getDefaultInstance(),
        "opentelemetry.proto.collector.trace.v1.TraceService",
        OtlpEncoder.traces(schemas, limits, clock),
        ExportTraceServiceResponse.getDefaultInstance(),
        (rejected, message) ->
            ExportTraceServiceResponse.newBuilder()
                .setPartialSuccess(
                    ExportTracePartialSuccess.newBuilder()
                        .setRejectedSpans(rejected)
                        .setErrorMessage(message))
                .build());
  }

  static OtlpService<ExportLogsServiceRequest> logs(
      Schemas schemas, RowLimits limits, Clock clock) {
    return new OtlpService<>(
        Signal.LOGS,
        ExportLogsServiceRequest.getDefaultInstance(),
        "opentelemetry.proto.collector.logs.v1.LogsService",
        OtlpEncoder.logs(schemas, limits, clock),
        ExportLogsServiceResponse.getDefaultInstance(),
        (rejected, message) ->
            ExportLogsServiceResponse.newBuilder()
                .setPartialSuccess(
                    ExportLogsPartialSuccess.newBuilder()
                        .setRejectedLogRecords(rejected)
                        .setErrorMessage(message))
                .build());
  }

  static OtlpService<ExportMetricsServiceRequest> metrics(
      Schemas schemas, RowLimits limits, Clock clock) {
    return new OtlpService<>(
        Signal.METRICS,
        ExportMetricsServiceRequest.getDefaultInstance(),
        "opentelemetry.proto.collector.metrics.v1.MetricsService",
        OtlpEncoder.metrics(schemas, limits, clock),
        ExportMetricsServiceResponse.getDefaultInstance(),
        (rejected, message) ->
            ExportMetricsServiceResponse.newBuilder()
                .setPartialSuccess(
                    ExportMetricsPartialSuccess.newBuilder()
                        .setRejectedDataPoints(rejected)
                        .setErrorMessage(message))
                .build());
  }

  /** Path of the only gRPC method. */
  String grpcPath() {
    return "/" + name + "/Export";
  }

  /** Path of OTLP/HTTP. */
  String httpPath() {
    return "/v1/" + signal.wireName();
  }

  /**
   * The answer to a request.
   *
   * @param message for the sender; empty if there is nothing to tell
   */
  Message response(int rejected, String message) {
    return message.isEmpty() ? emptyResponse : partialSuccess.response(rejected, message);
  }
}
