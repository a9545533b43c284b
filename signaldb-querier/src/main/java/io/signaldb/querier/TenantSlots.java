package io.signaldb.querier;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds how many statements run at once, of all tenants and of each. Whoever waits has a slot of
 * its tenant already, and those are served in turn: a tenant with many statements does not hold up
 * one with few. Thread-safe.
 */
final class TenantSlots {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final int slots;
  private final int slotsPerTenant;
  private final Duration patience;
  private final Semaphore free;
  private final Map<String, Semaphore> freeOfTenant = new ConcurrentHashMap<>();

  /**
   * @param patience how long a statement waits
   */
  TenantSlots(int slots, int slotsPerTenant, Duration patience) {
    this.slots = slots;
    this.slotsPerTenant = slotsPerTenant;
    this.patience = patience;
    this.free = new Semaphore(slots, true);
  }

  /**
   * Waits for a slot.
   *
   * @return gives it back
   * @throws SignalDbException RESOURCE_EXHAUSTED if none becomes free in time
   */
  Runnable acquire(String tenant) {
    long deadline = System.nanoTime() + patience.toNanos();
    Semaphore own =
        freeOfTenant.computeIfAbsent(tenant, any -> new Semaphore(slotsPerTenant, true));
    if (!acquire(own, deadline)) {
      throw retryLater(
          "%d statements of tenant '%s' are running, as many as sql.max_concurrent_per_tenant allows"
              .formatted(slotsPerTenant, tenant));
    }
    if (!acquire(free, deadline)) {
      own.release();
      throw retryLater(
          "%d statements are running, as many as sql.max_concurrent allows".formatted(slots));
    }
    return () -> {
      free.release();
      own.release();
    };
  }

  private static boolean acquire(Semaphore semaphore, long deadline) {
    try {
      return semaphore.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static SignalDbException retryLater(String message) {
    return SignalDbException.retryLater(
        ErrorCode.RESOURCE_EXHAUSTED, message + "; retry later", RETRY_AFTER);
  }

  int running() {
    return slots - free.availablePermits();
  }
}
