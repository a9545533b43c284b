package io.signaldb.common.flight;

import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.auth.Caller;
import io.signaldb.common.auth.Credentials;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.arrow.flight.CallHeaders;
import org.apache.arrow.flight.CallInfo;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightProducer;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.FlightServerMiddleware;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.RequestContext;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Flight server that authenticates every call before the producer sees it, with gRPC's health
 * service beside it. Producers run on threads of the endpoint and may block.
 */
public final class FlightEndpoint implements Component {
  private static final Logger log = LoggerFactory.getLogger(FlightEndpoint.class);
  private static final FlightServerMiddleware.Key<CallerMiddleware> CALLER =
      FlightServerMiddleware.Key.of("caller");
  private static final long DRAIN_SECONDS = 5;

  private final String name;
  private final HostAndPort bind;
  private final FlightProducer producer;
  private final Authenticator authenticator;
  private final BufferAllocator parent;
  private final int maxMessageBytes;
  private final HealthStatusManager health = new HealthStatusManager();
  private @Nullable BufferAllocator allocator;
  private @Nullable ExecutorService executor;
  private @Nullable FlightServer server;

  /**
   * @param name for threads and logs
   * @param bind address and port to listen on; port 0 takes a free one
   * @param parent of the allocator the endpoint makes at start and closes
   * @param maxMessageBytes larger messages are refused with RESOURCE_EXHAUSTED
   */
  public FlightEndpoint(
      String name,
      HostAndPort bind,
      FlightProducer producer,
      Authenticator authenticator,
      BufferAllocator parent,
      int maxMessageBytes) {
    this.name = name;
    this.bind = bind;
    this.producer = producer;
    this.authenticator = authenticator;
    this.parent = parent;
    this.maxMessageBytes = maxMessageBytes;
  }

  /** Who makes a call, for use in a producer. */
  public static Caller caller(FlightProducer.CallContext context) {
    return context.getMiddleware(CALLER).caller();
  }

  @Override
  public void start() throws IOException {
    BufferAllocator own = parent.newChildAllocator(name + "-flight", 0, parent.getLimit());
    allocator = own;
    AtomicInteger threads = new AtomicInteger();
    ExecutorService calls =
        Executors.newCachedThreadPool(
            task -> new Thread(task, "signaldb-" + name + "-flight-" + threads.incrementAndGet()));
    executor = calls;
    Consumer<NettyServerBuilder> transport =
        builder -> builder.addService(health.getHealthService());
    FlightServer built =
        FlightServer.builder(
                own,
                Location.forGrpcInsecure(bind.host(), bind.port()),
                new OffloadedProducer(producer, calls))
            .maxInboundMessageSize(maxMessageBytes)
            .executor(calls)
            .middleware(CALLER, this::authenticate)
            .transportHint("grpc.builderConsumer", transport)
            .build();
    try {
      server = built.start();
    } catch (IOException e) {
      close();
      throw new SignalDbException(
          ErrorCode.UNAVAILABLE,
          "Cannot listen on %s for %s: %s; expected a free port of this machine"
              .formatted(bind, name, e.getCause() == null ? e : e.getCause().getMessage()),
          e);
    }
    log.info("{} listens for Flight on {}", name, address());
  }

  private CallerMiddleware authenticate(
      CallInfo info, CallHeaders headers, RequestContext context) {
    try {
      return new CallerMiddleware(authenticator.authenticateCaller(Credentials.of(headers::get)));
    } catch (RuntimeException e) {
      throw FlightErrors.toFlight(e);
    }
  }

  /** The port listened on; only after start. */
  public int port() {
    FlightServer running = server;
    if (running == null) {
      throw new IllegalStateException(name + " is not listening");
    }
    return running.getPort();
  }

  /** Where it listens; only after start. */
  public HostAndPort address() {
    return new HostAndPort(bind.host(), port());
  }

  /** Stops taking calls, gives running ones a few seconds, then cuts them off. */
  @Override
  public void close() {
    FlightServer running = server;
    server = null;
    try {
      if (running != null) {
        health.enterTerminalState();
        running.shutdown();
        if (!running.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
          log.warn("{} cuts off Flight calls that still run", name);
        }
        running.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      release();
    }
  }

  private void release() {
    if (executor != null) {
      executor.shutdown();
      executor = null;
    }
    if (allocator != null) {
      allocator.close();
      allocator = null;
    }
  }

  private record CallerMiddleware(Caller caller) implements FlightServerMiddleware {
    @Override
    public void onBeforeSendingHeaders(CallHeaders outgoing) {}

    @Override
    public void onCallCompleted(CallStatus status) {}

    @Override
    public void onCallErrored(Throwable failure) {}
  }
}
