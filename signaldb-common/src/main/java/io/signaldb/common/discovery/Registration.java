package io.signaldb.common.discovery;

import io.signaldb.common.catalog.ServiceCatalog;
import io.signaldb.common.config.DiscoveryConfig;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one running service in the service catalog from start to close: a row with a fresh id, a
 * heartbeat, and the row again if it disappears. Also removes services whose TTL has passed.
 */
public final class Registration implements Component {
  private static final Logger log = LoggerFactory.getLogger(Registration.class);
  private static final long TICK_MILLIS = 500;

  private final UUID id = UUID.randomUUID();
  private final ServiceType type;
  private final Supplier<HostAndPort> address;
  private final LongSupplier backlog;
  private final Ingesters ingesters;
  private final DiscoveryConfig config;
  private final Clock clock;
  private @Nullable ScheduledExecutorService heartbeats;
  private Instant nextHeartbeat = Instant.MIN;
  private boolean toldBacklog;

  /**
   * @param address what others connect to; asked for at start and at every new registration
   * @param backlog see {@link ServiceInstance#backlog}; a change from or to none is told within a
   *     second, others with the next heartbeat
   */
  public Registration(
      ServiceType type,
      Supplier<HostAndPort> address,
      LongSupplier backlog,
      ServiceCatalog catalog,
      DiscoveryConfig config,
      Clock clock) {
    this.type = type;
    this.address = address;
    this.backlog = backlog;
    this.ingesters = new Ingesters(catalog);
    this.config = config;
    this.clock = clock;
  }

  /** Identity of this run of the service. */
  public UUID id() {
    return id;
  }

  @Override
  public void start() {
    register();
    log.info("Registered {} {} at {}", type.text(), id, address.get());
    heartbeats =
        Executors.newSingleThreadScheduledExecutor(
            task -> new Thread(task, "signaldb-heartbeat-" + type.text().toLowerCase(Locale.ROOT)));
    ScheduledFuture<?> unused =
        heartbeats.scheduleWithFixedDelay(
            this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void register() {
    Instant now = clock.instant();
    long waiting = backlog.getAsLong();
    HostAndPort at = address.get();
    ingesters.register(
        new ServiceInstance(id, type, at.host(), at.port(), type.capabilities(), now, waiting));
    told(now, waiting);
  }

  private void told(Instant now, long waiting) {
    nextHeartbeat = now.plus(config.heartbeatInterval());
    toldBacklog = waiting > 0;
  }

  /** Never throws: the executor would stop ticking. */
  private void tick() {
    try {
      Instant now = clock.instant();
      long waiting = backlog.getAsLong();
      if (now.isBefore(nextHeartbeat) && waiting > 0 == toldBacklog) {
        return;
      }
      if (ingesters.heartbeat(id, now, waiting)) {
        told(now, waiting);
      } else {
        log.warn("{} {} was no longer in the catalog; registering it again", type.text(), id);
        register();
      }
      ingesters.reap(now.minus(config.ttl()));
    } catch (SignalDbException e) {
      log.warn("Heartbeat of {} {} failed, trying again: {}", type.text(), id, e.getMessage());
    } catch (RuntimeException e) {
      log.error("Heartbeat of {} {} failed, trying again", type.text(), id, e);
    }
  }

  @Override
  public void close() {
    ScheduledExecutorService running = heartbeats;
    if (running == null) {
      return;
    }
    heartbeats = null;
    running.shutdown();
    try {
      if (!running.awaitTermination(5, TimeUnit.SECONDS)) {
        log.warn(
            "Heartbeat of {} {} still runs; its row goes when the TTL passes", type.text(), id);
        running.shutdownNow();
      }
    } catch (InterruptedException e) {
      running.shutdownNow();
      Thread.currentThread().interrupt();
    }
    try {
      ingesters.deregister(id);
    } catch (SignalDbException e) {
      log.warn("Could not deregister {} {}: {}", type.text(), id, e.getMessage());
    }
  }
}
