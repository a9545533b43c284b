package io.signaldb.acceptor.receive;

import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.encoding.EncodingService;
import com.linecorp.armeria.server.grpc.GrpcHealthCheckService;
import com.linecorp.armeria.server.grpc.GrpcService;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.signaldb.acceptor.forward.BatchForwarder;
import io.signaldb.acceptor.otlp.OtlpEncoder;
import io.signaldb.acceptor.otlp.RowLimits;
import io.signaldb.acceptor.prometheus.RemoteWriteLimits;
import io.signaldb.acceptor.prometheus.RemoteWriteMapper;
import io.signaldb.common.config.AcceptorConfig;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.http.HttpErrors;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The two OTLP ports: gRPC, with health checks, and HTTP, with what operators ask for. */
public final class OtlpServer implements Component {
  private static final Logger log = LoggerFactory.getLogger(OtlpServer.class);

  /** Requests that run when a stop begins get this long without another one coming in. */
  private static final Duration QUIET_PERIOD = Duration.ofMillis(100);

  private final AcceptorConfig config;
  private final Duration callTimeout;
  private final Duration stopTimeout;
  private final List<OtlpService<?>> services;
  private final OtlpReceiver receiver;
  private final Server grpc;
  private final Server http;

  /**
   * Binds nothing yet.
   *
   * @param forwarder started before this and closed after it
   */
  public OtlpServer(SignalDbConfig config, ServiceContext context, BatchForwarder forwarder) {
    this.config = config.acceptor();
    this.callTimeout = config.flight().callTimeout();
    this.stopTimeout = config.service().shutdownTimeout();
    RowLimits limits = limits(this.config);
    OtlpService<ExportMetricsServiceRequest> metrics =
        OtlpService.metrics(context.schemas(), limits, context.clock());
    this.services =
        List.of(
            OtlpService.traces(context.schemas(), limits, context.clock()),
            OtlpService.logs(context.schemas(), limits, context.clock()),
            metrics);
    ReceiverMeters meters = new ReceiverMeters(context.meters());
    this.receiver = new OtlpReceiver(context.authenticator(), forwarder, this.config, meters);
    this.grpc = grpcServer(meters);
    this.http =
        httpServer(meters, context, remoteWrite(metrics.encoder(), context.clock(), meters));
  }

  @Override
  public void start() {
    listen(grpc, "OTLP/gRPC", config.grpcPort());
    listen(http, "OTLP/HTTP", config.httpPort());
    log.info("OTLP/gRPC on {}, OTLP/HTTP on {}", grpcAddress(), httpAddress());
  }

  /** Where gRPC listens; only after start. */
  public HostAndPort grpcAddress() {
    return new HostAndPort(config.bind(), grpc.activeLocalPort());
  }

  /** Where HTTP listens; only after start. */
  public HostAndPort httpAddress() {
    return new HostAndPort(config.bind(), http.activeLocalPort());
  }

  @Override
  public void close() {
    CompletableFuture.allOf(grpc.stop(), http.stop()).join();
    receiver.close();
  }

  private void listen(Server server, String what, int port) {
    try {
      server.start().join();
    } catch (CompletionException e) {
      throw new SignalDbException(
          ErrorCode.UNAVAILABLE,
          "Cannot listen on %s for %s: %s; expected a free port of this machine"
              .formatted(
                  new HostAndPort(config.bind(), port), what, Exceptions.peel(e).getMessage()),
          e);
    }
  }

  private Server grpcServer(ReceiverMeters meters) {
    ServerBuilder builder = server(config.grpcPort());
    for (OtlpService<?> service : services) {
      builder.service(
          service.grpcPath(), new OtlpGrpcService(service, receiver, callTimeout, meters));
    }
    return builder
        .service(GrpcService.builder().addService(GrpcHealthCheckService.builder().build()).build())
        .serviceUnder("/", OtlpGrpcService.unimplemented(services))
        .build();
  }

  private Server httpServer(
      ReceiverMeters meters, ServiceContext context, RemoteWriteService remoteWrite) {
    ServerBuilder builder = server(config.httpPort());
    for (OtlpService<?> service : services) {
      builder.service(
          service.httpPath(), new OtlpHttpService(service, receiver, callTimeout, meters));
    }
    builder.service(RemoteWriteService.PATH, remoteWrite);
    builder.decorator(EncodingService.newDecorator());
    context.addOpsEndpoints(builder);
    return builder.build();
  }

  private ServerBuilder server(int port) {
    return Server.builder()
        .http(new InetSocketAddress(config.bind(), port))
        .requestTimeout(callTimeout.multipliedBy(2)) // half of it for a slow body
        .maxRequestLength(0) // counted while a body comes in, with OTLP's own answers
        .gracefulShutdownTimeout(QUIET_PERIOD, stopTimeout.plus(QUIET_PERIOD))
        .errorHandler(HttpErrors.handler());
  }

  private RemoteWriteService remoteWrite(
      OtlpEncoder<ExportMetricsServiceRequest> encoder, Clock clock, ReceiverMeters meters) {
    return new RemoteWriteService(
        new RemoteWriteMapper(remoteWriteLimits(config), clock),
        encoder,
        receiver,
        config.maxRequestBytes(),
        callTimeout,
        meters);
  }

  private static RemoteWriteLimits remoteWriteLimits(AcceptorConfig config) {
    RowLimits rows = limits(config);
    return new RemoteWriteLimits(
        rows.maxFuture(), rows.maxPast(), rows.maxValueBytes(), config.maxRequestBytes());
  }

  private static RowLimits limits(AcceptorConfig config) {
    Long maxValueBytes = config.maxAttributeValueBytes();
    return new RowLimits(
        config.maxFuture(),
        config.maxPast(),
        maxValueBytes == null ? RowLimits.DEFAULT.maxValueBytes() : maxValueBytes,
        RowLimits.DEFAULT.maxDepth());
  }
}
