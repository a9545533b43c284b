package io.signaldb.querier;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Bounds how many queries run at once. Thread-safe. */
final class QuerySlots {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final int slots;
  private final Duration patience;
  private final Semaphore free;

  /**
   * @param patience how long a query waits for a slot
   */
  QuerySlots(int slots, Duration patience) {
    this.slots = slots;
    this.patience = patience;
    this.free = new Semaphore(slots, true);
  }

  /**
   * Waits for a slot; {@link #release} gives it back.
   *
   * @throws SignalDbException RESOURCE_EXHAUSTED if none becomes free in time
   */
  void acquire() {
    boolean acquired = false;
    try {
      acquired = free.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!acquired) {
      throw SignalDbException.retryLater(
          ErrorCode.RESOURCE_EXHAUSTED,
          "%d queries are running, as many as querier.max_concurrent_queries allows; retry later"
              .formatted(slots),
          RETRY_AFTER);
    }
  }

  void release() {
    free.release();
  }

  int running() {
    return slots - free.availablePermits();
  }
}
