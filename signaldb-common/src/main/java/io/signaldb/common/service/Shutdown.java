package io.signaldb.common.service;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the JVM's shutdown hook into a request that the main thread answers, and cuts the process
 * off if it does not answer in time.
 */
final class Shutdown {
  private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Duration timeout;

  Shutdown(Duration timeout) {
    this.timeout = timeout;
  }

  /** From now on the JVM waits for {@link #done} before it ends. */
  void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "signaldb-shutdown"));
  }

  private void stop() {
    requested.countDown();
    try {
      if (!done.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        log.error("Not stopped after {}; what is acknowledged is in the write-ahead log", timeout);
        Runtime.getRuntime().halt(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until the process is told to stop. */
  void await() throws InterruptedException {
    requested.await();
  }

  /** Everything is closed. */
  void done() {
    done.countDown();
  }
}
