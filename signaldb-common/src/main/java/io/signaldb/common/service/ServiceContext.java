package io.signaldb.common.service;

import com.linecorp.armeria.server.ServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.catalog.ServiceCatalog;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.discovery.Registration;
import io.signaldb.common.discovery.ServiceRegistry;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.FlightClientPool;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.flight.LocalWriters;
import io.signaldb.common.http.OpsEndpoints;
import io.signaldb.common.http.OpsServer;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.storage.DatasetStorage;
import io.signaldb.common.telemetry.Meters;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.arrow.flight.FlightProducer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every service of a process shares. One per process; start it before the services and close
 * it after them. Safe for use by many threads.
 */
public final class ServiceContext implements Component {
  private static final Logger log = LoggerFactory.getLogger(ServiceContext.class);

  private final SignalDbConfig config;
  private final Clock clock;
  private final BufferAllocator allocator;
  private final PrometheusMeterRegistry meters = Meters.create();
  private final Schemas schemas = Schemas.load();
  private final ServiceCatalog catalog;
  private final DatasetStorage storage;
  private final Authenticator authenticator;
  private final ServiceRegistry registry;
  private final BufferAllocator clientAllocator;
  private final FlightClientPool flightClients;
  private final LocalWriters localWriters;
  private final AtomicBoolean ready = new AtomicBoolean();
  private final Component parts;

  /** Wires everything; connects to nothing yet. */
  public ServiceContext(SignalDbConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
    this.allocator = new RootAllocator(config.service().arrowMemoryBytes());
    this.catalog = new ServiceCatalog(config.serviceCatalog(), config.database().maxConnections());
    this.storage = new DatasetStorage(config);
    this.authenticator = new Authenticator(config.auth(), catalog, clock);
    this.registry = new ServiceRegistry(catalog, config.discovery(), clock);
    this.clientAllocator = childAllocator("flight-clients");
    this.flightClients =
        new FlightClientPool(config.flight(), authenticator.serviceKey(), clientAllocator, clock);
    this.localWriters = new LocalWriters(authenticator);
    this.parts = Component.sequence(storage, catalog);
  }

  public Clock clock() {
    return clock;
  }

  /** A new child of the process's root allocator; the caller closes it. */
  public BufferAllocator childAllocator(String name) {
    return allocator.newChildAllocator(name, 0, allocator.getLimit());
  }

  public MeterRegistry meters() {
    return meters;
  }

  public Authenticator authenticator() {
    return authenticator;
  }

  public ServiceCatalog catalog() {
    return catalog;
  }

  public ServiceRegistry registry() {
    return registry;
  }

  public Schemas schemas() {
    return schemas;
  }

  /** Where each dataset's files are kept. */
  public DatasetStorage storage() {
    return storage;
  }

  public Path dataDir() {
    return config.dataDir();
  }

  /** Connections to other services. */
  public FlightClientPool flightClients() {
    return flightClients;
  }

  /** The Writers of this process. */
  public LocalWriters localWriters() {
    return localWriters;
  }

  /** A Flight server for {@code producer} that authenticates every call. */
  public FlightEndpoint flightEndpoint(
      String name, String bind, int port, FlightProducer producer) {
    return new FlightEndpoint(
        name,
        new HostAndPort(bind, port),
        producer,
        authenticator,
        allocator,
        Math.toIntExact(config.flight().maxMessageBytes()));
  }

  /**
   * Announces a service from start to close. Put it after what it announces: the address is asked
   * for at start, when the port is bound.
   *
   * @param bound where the service listens; the configured {@code advertise} address goes before it
   */
  public Component register(ServiceType type, Supplier<HostAndPort> bound) {
    return register(type, bound, () -> 0);
  }

  /**
   * As {@link #register(ServiceType, Supplier)}, with the number of batches waiting in the service;
   * a change from or to none is told to the catalog within a second.
   */
  public Component register(ServiceType type, Supplier<HostAndPort> bound, LongSupplier backlog) {
    String advertise = advertise(type);
    return new Registration(
        type,
        () -> advertised(advertise, bound.get()),
        backlog,
        catalog,
        config.discovery(),
        clock);
  }

  /**
   * As {@link #register(ServiceType, Supplier)} for a Writer, which services of this process may
   * then reach without the network.
   */
  public Component registerWriter(Supplier<HostAndPort> bound, LocalWriters.Intake intake) {
    String advertise = advertise(ServiceType.WRITER);
    return Component.sequence(
        localWriters.announce(() -> advertised(advertise, bound.get()), intake),
        register(ServiceType.WRITER, bound));
  }

  private @Nullable String advertise(ServiceType type) {
    return switch (type) {
      case ACCEPTOR -> config.acceptor().advertise();
      case WRITER -> config.writer().advertise();
      case QUERIER -> config.querier().advertise();
      case ROUTER -> config.router().advertise();
    };
  }

  private static HostAndPort advertised(@Nullable String advertise, HostAndPort bound) {
    if (advertise != null) {
      return HostAndPort.parse(advertise, bound.port());
    }
    try {
      return InetAddress.getByName(bound.host()).isAnyLocalAddress()
          ? new HostAndPort(InetAddress.getLocalHost().getHostAddress(), bound.port())
          : bound;
    } catch (UnknownHostException e) {
      log.warn("This machine's address is unknown, advertising {}: {}", bound, e.getMessage());
      return bound;
    }
  }

  /** Adds {@code /health}, {@code /ready} and {@code /metrics} to an HTTP server. */
  public void addOpsEndpoints(ServerBuilder server) {
    addOpsEndpoints(server, () -> {});
  }

  /**
   * As {@link #addOpsEndpoints(ServerBuilder)}, with one more condition of readiness.
   *
   * @param requireReady throws SignalDbException while the service cannot do its work; may block
   */
  public void addOpsEndpoints(ServerBuilder server, Runnable requireReady) {
    OpsEndpoints.addTo(
        server,
        meters,
        () -> {
          requireStarted();
          requireReady.run();
        });
  }

  private void requireStarted() {
    if (!ready.get()) {
      throw new SignalDbException(ErrorCode.UNAVAILABLE, "starting or stopping");
    }
  }

  /** The same on the port {@code service.http_port}; nothing if that is not set. */
  Component opsServer() {
    Integer port = config.service().httpPort();
    return port == null
        ? Component.sequence()
        : new OpsServer(config.service().bind(), port, meters, this::requireStarted);
  }

  /** What {@code /ready} answers from now on. */
  public void setReady(boolean value) {
    ready.set(value);
  }

  /** Connects to the service catalog. */
  @Override
  public void start() throws Exception {
    parts.start();
  }

  /**
   * @throws IllegalStateException if a child allocator is still open: its owner leaked it
   */
  @Override
  public void close() {
    flightClients.close();
    clientAllocator.close();
    parts.close();
    meters.close();
    allocator.close();
  }
}
