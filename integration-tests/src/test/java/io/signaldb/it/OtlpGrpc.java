package io.signaldb.it;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.logs.v1.LogsServiceGrpc;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An OTLP/gRPC client without retries. Thread-safe. */
final class OtlpGrpc implements AutoCloseable {
  private final ManagedChannel channel;
  private final TraceServiceGrpc.TraceServiceBlockingStub traces;
  private final LogsServiceGrpc.LogsServiceBlockingStub logs;
  private final MetricsServiceGrpc.MetricsServiceBlockingStub metrics;

  /** Sends {@code headers} with each request. */
  OtlpGrpc(SignalDbProcess server, Map<String, String> headers) {
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
            .usePlaintext()
            .maxInboundMessageSize(16 << 20)
            .build();
    Metadata metadata = new Metadata();
    headers.forEach(
        (name, value) ->
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    ClientInterceptor attached = MetadataUtils.newAttachHeadersInterceptor(metadata);
    traces = TraceServiceGrpc.newBlockingStub(channel).withInterceptors(attached);
    logs = LogsServiceGrpc.newBlockingStub(channel).withInterceptors(attached);
    metrics = MetricsServiceGrpc.newBlockingStub(channel).withInterceptors(attached);
  }

  OtlpGrpc(SignalDbProcess server) {
    this(server, Map.of());
  }

  /** Throws {@link io.grpc.StatusRuntimeException} as answered. */
  ExportTraceServiceResponse send(ExportTraceServiceRequest request) {
    return traces.withDeadlineAfter(30, TimeUnit.SECONDS).export(request);
  }

  /** See {@link #send(ExportTraceServiceRequest)}. */
  ExportLogsServiceResponse send(ExportLogsServiceRequest request) {
    return logs.withDeadlineAfter(30, TimeUnit.SECONDS).export(request);
  }

  /** See {@link #send(ExportTraceServiceRequest)}. */
  ExportMetricsServiceResponse send(ExportMetricsServiceRequest request) {
    return metrics.withDeadlineAfter(30, TimeUnit.SECONDS).export(request);
  }

  ExportTraceServiceResponse sendGzipped(ExportTraceServiceRequest request) {
    return traces.withCompression("gzip").withDeadlineAfter(30, TimeUnit.SECONDS).export(request);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
