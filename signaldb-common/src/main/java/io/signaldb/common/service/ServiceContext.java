package io.signaldb.common.service;

import io.micrometer.core.instrument.MeterRegistry;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.catalog.ServiceCatalog;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.discovery.ServiceRegistry;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.flight.FlightClientPool;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.schema.Schemas;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.arrow.flight.FlightProducer;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What every service of a process shares. One per process; the runner starts and closes it. Safe
 * for use by many threads.
 */
public final class ServiceContext {

  public Clock clock() {
    return Clock.systemUTC();
  }

  /** A new child of the process's root allocator; the caller closes it. */
  public BufferAllocator childAllocator(String name) {
    throw new UnsupportedOperationException("not implemented yet");
  }

  public MeterRegistry meters() {
    throw new UnsupportedOperationException("not implemented yet");
  }

  public Authenticator authenticator() {
    throw new UnsupportedOperationException("not implemented yet");
  }

  public ServiceCatalog catalog() {
    throw new UnsupportedOperationException("not implemented yet");
  }

  public ServiceRegistry registry() {
    throw new UnsupportedOperationException("not implemented yet");
  }

  public Schemas schemas() {
    throw new UnsupportedOperationException("not implemented yet");
  }

  public Path dataDir() {
    throw new UnsupportedOperationException("not implemented yet");
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
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** Connections to other services. */
  public FlightClientPool flightClients() {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** A Flight server for {@code producer} that authenticates every call. */
  public FlightEndpoint flightEndpoint(
      String name, String bind, int port, FlightProducer producer) {
    throw new UnsupportedOperationException("not implemented yet");
  }
}
