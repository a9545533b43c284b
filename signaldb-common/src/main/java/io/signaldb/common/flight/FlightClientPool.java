package io.signaldb.common.flight;

import io.signaldb.common.config.FlightConfig;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.tenant.TenantContext;
import java.time.Clock;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** Connections to the Flight ports of other services. Safe for use by many threads. */
public final class FlightClientPool implements AutoCloseable {

  /**
   * @param serviceKey shown on every call; null when auth is off
   * @param allocator borrowed
   */
  public FlightClientPool(
      FlightConfig config, @Nullable String serviceKey, BufferAllocator allocator, Clock clock) {}

  /** A connection to a service, made on first use; the pool owns and closes it. */
  public FlightClient client(HostAndPort address) {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** See {@link #client(HostAndPort)}. */
  public FlightClient client(String host, int port) {
    return client(new HostAndPort(host, port));
  }

  /** Options of one call for a tenant: credentials, tenant and the call deadline. */
  public CallOption[] callOptions(TenantContext tenant) {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** Options of a stream that stays open and carries many tenants: credentials, no deadline. */
  public CallOption[] streamOptions() {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** Closes the connection to a service that failed; the next use makes a new one. */
  public void evict(HostAndPort address) {}

  @Override
  public void close() {}
}
