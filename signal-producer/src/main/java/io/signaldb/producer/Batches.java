package io.signaldb.producer;

import io.opentelemetry.sdk.common.CompletableResultCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Exports what is reported in batches and counts what became of it.
 *
 * <p>Unlike the SDK's batch processors it never drops anything: with too many requests unanswered,
 * the thread that reports waits. One thread may report; counters may be read by any.
 *
 * @param <T> what is exported: spans, log records, metrics
 */
final class Batches<T> {
  private static final int BATCH_SIZE = 512;
  private static final int IN_FLIGHT = 4;

  private final String noun;
  private final Function<Collection<T>, CompletableResultCode> export;
  private final Supplier<CompletableResultCode> shutdown;
  private final ToIntFunction<T> size;
  private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
  private final AtomicLong exported = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private List<T> batch = new ArrayList<>();

  /**
   * @param noun what is counted, in the plural
   * @param shutdown of the exporter
   * @param size how many of them an element has
   */
  Batches(
      String noun,
      Function<Collection<T>, CompletableResultCode> export,
      Supplier<CompletableResultCode> shutdown,
      ToIntFunction<T> size) {
    this.noun = noun;
    this.export = export;
    this.shutdown = shutdown;
    this.size = size;
  }

  void add(T element) {
    batch.add(element);
    if (batch.size() >= BATCH_SIZE) {
      send();
    }
  }

  /** Sends what has been collected, without waiting for the answer. */
  void send() {
    if (batch.isEmpty()) {
      return;
    }
    List<T> sending = batch;
    batch = new ArrayList<>(BATCH_SIZE);
    long count = sending.stream().mapToInt(size).sum();
    inFlight.acquireUninterruptibly();
    CompletableResultCode result = export.apply(sending);
    result.whenComplete(
        () -> {
          (result.isSuccess() ? exported : failed).addAndGet(count);
          inFlight.release();
        });
  }

  /**
   * Sends the rest and waits until every request has its answer.
   *
   * @return whether all answers came within {@code seconds}; the missing ones count as failed
   */
  boolean finish(long seconds) throws InterruptedException {
    send();
    boolean answered = inFlight.tryAcquire(IN_FLIGHT, seconds, TimeUnit.SECONDS);
    shutdown.get().join(5, TimeUnit.SECONDS);
    return answered;
  }

  String noun() {
    return noun;
  }

  long exported() {
    return exported.get();
  }

  long failed() {
    return failed.get();
  }
}
