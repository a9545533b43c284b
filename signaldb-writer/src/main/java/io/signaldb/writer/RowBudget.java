package io.signaldb.writer;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The native memory that rows not yet committed may hold, all tables together. Thread-safe. */
final class RowBudget {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final long limit;
  private final AtomicLong used = new AtomicLong();

  RowBudget(long limit) {
    this.limit = limit;
  }

  /**
   * Takes bytes if they fit.
   *
   * @throws SignalDbException RESOURCE_EXHAUSTED with a retry hint if they do not
   */
  void reserve(long bytes) {
    if (used.addAndGet(bytes) > limit) {
      used.addAndGet(-bytes);
      throw SignalDbException.retryLater(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The Writer holds %d bytes of uncommitted rows and has no room for %d more; limit is %d"
              .formatted(used.get(), bytes, limit),
          RETRY_AFTER);
    }
  }

  /** Changes what is taken, whether it fits or not. */
  void adjust(long bytes) {
    used.addAndGet(bytes);
  }

  boolean full() {
    return used.get() > limit;
  }

  long used() {
    return used.get();
  }
}
