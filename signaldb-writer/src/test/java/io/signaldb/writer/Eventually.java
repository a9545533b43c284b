package io.signaldb.writer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what other threads do. */
final class Eventually {
  private static final long DEADLINE_SECONDS = 60;

  private Eventually() {}

  /** Asks until the answer is the expected one; fails after a minute. */
  static <T> void is(Callable<T> question, T expected) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    T answer = question.call();
    while (!answer.equals(expected) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      answer = question.call();
    }
    assertThat(answer).isEqualTo(expected);
  }
}
