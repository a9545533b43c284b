package io.signaldb.common;

import java.time.Duration;

/** Waits for what happens on other threads. */
public final class Eventually {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(10);

  private Eventually() {}

  /** Repeats an assertion until it holds; fails as it last failed after 20 seconds. */
  public static void eventually(Runnable assertion) throws InterruptedException {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      try {
        assertion.run();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() > end) {
          throw e;
        }
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }
}
