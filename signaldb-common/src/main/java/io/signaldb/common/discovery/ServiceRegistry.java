package io.signaldb.common.discovery;

import io.signaldb.common.catalog.ServiceCatalog;
import io.signaldb.common.config.DiscoveryConfig;
import io.signaldb.common.error.SignalDbException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is alive, read from the service catalog: services whose last heartbeat is within the TTL.
 * Safe for use by many threads.
 */
public final class ServiceRegistry {
  private static final Logger log = LoggerFactory.getLogger(ServiceRegistry.class);

  /** How long a service that failed is passed over. */
  private static final Duration PENALTY = Duration.ofSeconds(5);

  private final Ingesters ingesters;
  private final DiscoveryConfig config;
  private final Clock clock;
  private final AtomicInteger turn = new AtomicInteger();
  private final ConcurrentHashMap<UUID, Instant> passedOverUntil = new ConcurrentHashMap<>();
  private volatile Listing listing = new Listing(List.of(), Instant.MIN);

  private record Listing(List<ServiceInstance> services, Instant until) {}

  public ServiceRegistry(ServiceCatalog catalog, DiscoveryConfig config, Clock clock) {
    this.ingesters = new Ingesters(catalog);
    this.config = config;
    this.clock = clock;
  }

  /**
   * Live services with a capability, in a stable order; at most the poll interval old. While the
   * catalog cannot be read the last list is used until the TTL has passed.
   *
   * @throws SignalDbException UNAVAILABLE if there is no list at all
   */
  public List<ServiceInstance> live(Capability capability) {
    Listing current = listing;
    if (!clock.instant().isBefore(current.until())) {
      try {
        return liveNow(capability);
      } catch (SignalDbException e) {
        if (current.services().isEmpty()) {
          throw e;
        }
        log.warn("Using the last list of services: {}", e.getMessage());
        listing = new Listing(current.services(), clock.instant().plus(config.pollInterval()));
      }
    }
    return withCapability(current, capability);
  }

  /**
   * As {@link #live}, read from the catalog now.
   *
   * @throws SignalDbException UNAVAILABLE if the catalog cannot be read
   */
  public List<ServiceInstance> liveNow(Capability capability) {
    Instant now = clock.instant();
    Listing read =
        new Listing(ingesters.seenSince(now.minus(config.ttl())), now.plus(config.pollInterval()));
    listing = read;
    return withCapability(read, capability);
  }

  private List<ServiceInstance> withCapability(Listing from, Capability capability) {
    Instant oldest = clock.instant().minus(config.ttl()).minusSeconds(1);
    return from.services().stream()
        .filter(s -> s.capabilities().contains(capability) && s.lastSeen().isAfter(oldest))
        .toList();
  }

  /**
   * The next service to use, round robin; one that {@linkplain #failed failed} a moment ago is
   * passed over while there are others. Empty if none is alive.
   */
  public Optional<ServiceInstance> next(Capability capability) {
    List<ServiceInstance> live = live(capability);
    Instant now = clock.instant();
    passedOverUntil.values().removeIf(until -> !until.isAfter(now));
    List<ServiceInstance> preferred =
        live.stream().filter(s -> !passedOverUntil.containsKey(s.id())).toList();
    List<ServiceInstance> candidates = preferred.isEmpty() ? live : preferred;
    return candidates.isEmpty()
        ? Optional.empty()
        : Optional.of(candidates.get(Math.floorMod(turn.getAndIncrement(), candidates.size())));
  }

  /** Tells that a service could not be reached; the next list is read from the catalog. */
  public void failed(ServiceInstance instance) {
    passedOverUntil.put(instance.id(), clock.instant().plus(PENALTY));
    listing = new Listing(listing.services(), Instant.MIN);
  }
}
