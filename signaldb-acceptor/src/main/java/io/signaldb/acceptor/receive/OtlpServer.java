package io.signaldb.acceptor.receive;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.encoding.EncodingService;
import com.linecorp.armeria.server.grpc.GrpcHealthCheckService;
import com.linecorp.armeria.server.grpc.GrpcService;
import io.micrometer.core.instrument.MeterRegistry;
import io.signaldb.acceptor.forward.BatchForwarder;
import io.signaldb.acceptor.otlp.TraceEncoder;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.config.AcceptorConfig;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.http.HttpErrors;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.schema.TableSchema;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The two OTLP ports: gRPC, with health checks, and HTTP, with what operators ask for. */
public final class OtlpServer implements Component {
  private static final Logger log = LoggerFactory.getLogger(OtlpServer.class);

  /** Requests that run when a stop begins get this long without another one coming in. */
  private static final Duration QUIET_PERIOD = Duration.ofMillis(100);

  private final AcceptorConfig config;
  private final Duration stopTimeout;
  private final ThreadPoolExecutor workers;
  private final Server grpc;
  private final Server http;

  /**
   * @param callTimeout how long a client waits that does not say
   * @param stopTimeout how long running requests may take when the server stops
   * @param opsEndpoints adds health, readiness and metrics to the HTTP port
   */
  public OtlpServer(
      AcceptorConfig config,
      Authenticator authenticator,
      TraceEncoder encoder,
      TableSchema traces,
      BatchForwarder forwarder,
      Duration callTimeout,
      Duration stopTimeout,
      MeterRegistry meters,
      Consumer<ServerBuilder> opsEndpoints) {
    this.config = config;
    this.stopTimeout = stopTimeout;
    this.workers = workers();
    ReceiverMeters receiverMeters = new ReceiverMeters(meters);
    TraceReceiver receiver =
        new TraceReceiver(
            authenticator,
            encoder,
            traces,
            forwarder,
            config.maxRequestBytes(),
            config.maxInflightBytes(),
            receiverMeters,
            workers);
    this.grpc =
        server(config.grpcPort(), callTimeout)
            .service(
                OtlpGrpcService.PATH,
                new OtlpGrpcService(
                    receiver, config.maxRequestBytes(), callTimeout, receiverMeters))
            .service(
                GrpcService.builder().addService(GrpcHealthCheckService.builder().build()).build())
            .serviceUnder("/", OtlpGrpcService::unimplemented)
            .build();
    ServerBuilder httpBuilder =
        server(config.httpPort(), callTimeout)
            .service(
                "/v1/traces",
                new OtlpHttpService(
                    receiver, config.maxRequestBytes(), callTimeout, receiverMeters))
            .decorator(EncodingService.newDecorator());
    opsEndpoints.accept(httpBuilder);
    this.http = httpBuilder.build();
  }

  @Override
  public void start() {
    grpc.start().join();
    http.start().join();
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
    grpc.stop().join();
    http.stop().join();
    workers.shutdown();
  }

  private ServerBuilder server(int port, Duration callTimeout) {
    return Server.builder()
        .http(new InetSocketAddress(config.bind(), port))
        .requestTimeout(callTimeout.multipliedBy(2)) // the rest is for a slow body
        .maxRequestLength(0) // counted while a body comes in, with OTLP's own answers
        .gracefulShutdownTimeout(QUIET_PERIOD, stopTimeout.plus(QUIET_PERIOD))
        .errorHandler(HttpErrors.handler());
  }

  /** Requests waiting for a worker are bounded by the bytes in flight. */
  private static ThreadPoolExecutor workers() {
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> new Thread(task, "signaldb-acceptor-decode-" + number.incrementAndGet()));
    workers.allowCoreThreadTimeOut(true);
    return workers;
  }
}
