package io.signaldb.common.flight;

import io.signaldb.common.discovery.HostAndPort;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.flight.CallHeaders;
import org.apache.arrow.flight.CallInfo;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightClientMiddleware;
import org.apache.arrow.flight.Location;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection of the pool, which knows whether calls run on it. */
final class PooledConnection {
  private static final Logger log = LoggerFactory.getLogger(PooledConnection.class);

  private final HostAndPort address;
  private final Clock clock;
  private final AtomicInteger runningCalls = new AtomicInteger();
  private final FlightClient client;
  private volatile Instant lastUsed;

  PooledConnection(
      HostAndPort address, int maxMessageBytes, BufferAllocator allocator, Clock clock) {
    this.address = address;
    this.clock = clock;
    this.lastUsed = clock.instant();
    this.client =
        FlightClient.builder(allocator, Location.forGrpcInsecure(address.host(), address.port()))
            .maxInboundMessageSize(maxMessageBytes)
            .intercept(CallCounter::new)
            .build();
  }

  FlightClient use() {
    lastUsed = clock.instant();
    return client;
  }

  Instant lastUsed() {
    return lastUsed;
  }

  boolean idle() {
    return runningCalls.get() == 0;
  }

  /** Calls that still run fail. */
  void close() {
    try {
      client.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.warn("Closing the connection to {} failed: {}", address, e.getMessage());
    }
  }

  private final class CallCounter implements FlightClientMiddleware {
    private CallCounter(CallInfo call) {
      runningCalls.incrementAndGet();
    }

    @Override
    public void onBeforeSendingHeaders(CallHeaders outgoing) {}

    @Override
    public void onHeadersReceived(CallHeaders incoming) {}

    @Override
    public void onCallCompleted(CallStatus status) {
      lastUsed = clock.instant();
      runningCalls.decrementAndGet();
    }
  }
}
