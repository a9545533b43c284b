package io.signaldb.common.flight;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.config.FlightConfig;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.tenant.TenantContext;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.CallOptions;
import org.apache.arrow.flight.FlightCallHeaders;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.HeaderCallOption;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the Flight ports of other services, one per address. One that carried no call for
 * the idle timeout is closed when the pool is next used. Safe for use by many threads.
 */
public final class FlightClientPool implements AutoCloseable {
  private final FlightConfig config;
  private final @Nullable String serviceKey;
  private final BufferAllocator allocator;
  private final Clock clock;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<HostAndPort, PooledConnection> connections = new HashMap<>();

  /**
   * @param serviceKey shown on every call; null when auth is off
   * @param allocator borrowed
   */
  public FlightClientPool(
      FlightConfig config, @Nullable String serviceKey, BufferAllocator allocator, Clock clock) {
    this.config = config;
    this.serviceKey = serviceKey;
    this.allocator = allocator;
    this.clock = clock;
  }

  /**
   * A connection to a service, made on first use; the pool owns and closes it. Ask for it before
   * each call rather than keeping it.
   *
   * @throws SignalDbException RESOURCE_EXHAUSTED if the pool is full and calls run on all of its
   *     connections
   */
  public FlightClient client(HostAndPort address) {
    List<PooledConnection> unused = new ArrayList<>();
    try {
      synchronized (lock) {
        takeUnused(unused);
        PooledConnection connection = connections.get(address);
        if (connection == null) {
          makeRoom(unused);
          connection =
              new PooledConnection(
                  address, Math.toIntExact(config.maxMessageBytes()), allocator, clock);
          connections.put(address, connection);
        }
        return connection.use();
      }
    } finally {
      unused.forEach(PooledConnection::close);
    }
  }

  /** See {@link #client(HostAndPort)}. */
  public FlightClient client(String host, int port) {
    return client(new HostAndPort(host, port));
  }

  /** Moves connections nobody needs any more to {@code unused}, to be closed outside the lock. */
  @GuardedBy("lock")
  private void takeUnused(List<PooledConnection> unused) {
    Instant idleSince = clock.instant().minus(config.clientIdleTimeout());
    for (PooledConnection connection : List.copyOf(connections.values())) {
      if (connection.idle() && connection.lastUsed().isBefore(idleSince)) {
        connections.values().remove(connection);
        unused.add(connection);
      }
    }
  }

  @GuardedBy("lock")
  private void makeRoom(List<PooledConnection> unused) {
    if (connections.size() < config.maxClients()) {
      return;
    }
    PooledConnection oldest =
        connections.values().stream()
            .filter(PooledConnection::idle)
            .min(Comparator.comparing(PooledConnection::lastUsed))
            .orElseThrow(
                () ->
                    new SignalDbException(
                        ErrorCode.RESOURCE_EXHAUSTED,
                        "All %d connections to other services are in use; expected fewer calls at"
                                .formatted(config.maxClients())
                            + " once or a larger flight.max_clients"));
    connections.values().remove(oldest);
    unused.add(oldest);
  }

  /** Options of one call for a tenant: credentials, tenant and the call deadline. */
  public CallOption[] callOptions(TenantContext tenant) {
    FlightCallHeaders headers = credentials();
    headers.insert("x-tenant-id", tenant.tenantId());
    headers.insert("x-dataset-id", tenant.datasetId());
    return new CallOption[] {
      new HeaderCallOption(headers),
      CallOptions.timeout(config.callTimeout().toMillis(), TimeUnit.MILLISECONDS)
    };
  }

  /** Options of a stream that stays open and carries many tenants: credentials, no deadline. */
  public CallOption[] streamOptions() {
    return new CallOption[] {new HeaderCallOption(credentials())};
  }

  private FlightCallHeaders credentials() {
    FlightCallHeaders headers = new FlightCallHeaders();
    if (serviceKey != null) {
      headers.insert("authorization", "Bearer " + serviceKey);
    }
    return headers;
  }

  /** Closes every connection; calls that still run fail. */
  @Override
  public void close() {
    List<PooledConnection> all = new ArrayList<>();
    synchronized (lock) {
      all.addAll(connections.values());
      connections.clear();
    }
    all.forEach(PooledConnection::close);
  }
}
