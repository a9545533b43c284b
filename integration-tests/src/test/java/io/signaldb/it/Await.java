package io.signaldb.it;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Polling with a deadline. */
final class Await {
  private static final long INTERVAL_NANOS = 20_000_000;

  private Await() {}

  /** Repeats {@code assertion} until it passes; throws its last failure after {@code limit}. */
  static void untilPasses(Duration limit, Runnable assertion) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        assertion.run();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() >= deadline) {
          throw e;
        }
      }
      LockSupport.parkNanos(INTERVAL_NANOS);
    }
  }

  /** Repeats {@code condition} until it is true; fails with {@code otherwise} after the limit. */
  static void until(Duration limit, Supplier<Boolean> condition, Supplier<String> otherwise) {
    untilPasses(
        limit,
        () -> {
          if (!condition.get()) {
            throw new AssertionError(otherwise.get());
          }
        });
  }
}
