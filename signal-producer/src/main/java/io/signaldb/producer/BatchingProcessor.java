package io.signaldb.producer;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Exports ended spans in batches and counts what became of each.
 *
 * <p>Unlike the SDK's batch processor it never drops a span: with too many requests unanswered, the
 * thread that ends a span waits. Spans must be ended by one thread; counters may be read by any.
 */
final class BatchingProcessor implements SpanProcessor {
  private static final int BATCH_SPANS = 512;
  private static final int IN_FLIGHT = 4;

  private final SpanExporter exporter;
  private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
  private final AtomicLong exported = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private List<SpanData> batch = new ArrayList<>();

  BatchingProcessor(SpanExporter exporter) {
    this.exporter = exporter;
  }

  @Override
  public void onStart(Context parentContext, ReadWriteSpan span) {}

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    batch.add(span.toSpanData());
    if (batch.size() >= BATCH_SPANS) {
      send();
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  /** Sends what has been collected, without waiting for the answer. */
  void send() {
    if (batch.isEmpty()) {
      return;
    }
    List<SpanData> sending = batch;
    batch = new ArrayList<>(BATCH_SPANS);
    inFlight.acquireUninterruptibly();
    CompletableResultCode result = exporter.export(sending);
    result.whenComplete(
        () -> {
          (result.isSuccess() ? exported : failed).addAndGet(sending.size());
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
    exporter.shutdown().join(5, TimeUnit.SECONDS);
    return answered;
  }

  long exported() {
    return exported.get();
  }

  long failed() {
    return failed.get();
  }
}
