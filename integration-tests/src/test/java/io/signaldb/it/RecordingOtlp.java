package io.signaldb.it;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An OTLP/gRPC endpoint that keeps every request it has passed on to a server. */
final class RecordingOtlp implements AutoCloseable {
  private final List<ExportTraceServiceRequest> accepted = new CopyOnWriteArrayList<>();
  private final OtlpGrpc otlp;
  private final Server endpoint;

  /** Passes requests on to {@code target}. */
  RecordingOtlp(SignalDbProcess target) throws IOException {
    otlp = new OtlpGrpc(target);
    endpoint =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Export())
            .maxInboundMessageSize(64 << 20)
            .build()
            .start();
  }

  int port() {
    return endpoint.getPort();
  }

  /** What the server has taken, whole; a request that it rejected spans of fails the sender. */
  List<ExportTraceServiceRequest> accepted() {
    return List.copyOf(accepted);
  }

  @Override
  public void close() {
    endpoint.shutdownNow();
    otlp.close();
  }

  private final class Export extends TraceServiceGrpc.TraceServiceImplBase {
    @Override
    public void export(
        ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> observer) {
      try {
        ExportTraceServiceResponse response = otlp.send(request);
        if (response.getPartialSuccess().getRejectedSpans() > 0) {
          throw Status.FAILED_PRECONDITION
              .withDescription(response.getPartialSuccess().getErrorMessage())
              .asRuntimeException();
        }
        accepted.add(request);
        observer.onNext(response);
        observer.onCompleted();
      } catch (StatusRuntimeException e) {
        observer.onError(e);
      }
    }
  }
}
