package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Senders that know which of their requests were acked, and send an unanswered one again as it was.
 *
 * <p>{@link #pause} and {@link #resume} belong to one thread.
 */
final class CrashLoad implements AutoCloseable {
  private static final int SENDERS = 4;
  private static final int SPANS_PER_TRACE = 12;
  private static final long BREATH_NANOS = 2_000_000;

  private final SignalDbProcess server;
  private final Queue<Sent> acked = new ConcurrentLinkedQueue<>();
  private final Queue<Sent> unanswered = new ConcurrentLinkedQueue<>();
  private final AtomicInteger ackedCount = new AtomicInteger();
  private final AtomicInteger made = new AtomicInteger();
  private final List<Thread> senders = new ArrayList<>();
  private volatile boolean running;

  CrashLoad(SignalDbProcess server) {
    this.server = server;
  }

  /** Starts the senders; they begin with what is unanswered. */
  void resume() {
    running = true;
    for (int i = 0; i < SENDERS; i++) {
      Thread sender = new Thread(this::send, "crash-load-" + i);
      sender.start();
      senders.add(sender);
    }
  }

  void pause() {
    running = false;
    try {
      for (Thread sender : senders) {
        sender.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    senders.clear();
  }

  int acked() {
    return ackedCount.get();
  }

  int unanswered() {
    return unanswered.size();
  }

  /** Checks a hundred acked traces, the latest ones among them. */
  void verifySome(Tempo tempo, SplittableRandom random) {
    List<Sent> all = List.copyOf(acked);
    for (int i = 0; i < 50; i++) {
      verify(tempo, all.get(random.nextInt(all.size())));
      verify(tempo, all.get(Math.max(0, all.size() - 1 - i)));
    }
  }

  void verifyAll(Tempo tempo) {
    acked.forEach(sent -> verify(tempo, sent));
  }

  /**
   * Checks what is stored, where a doubled row is not folded away as in answers.
   *
   * @param rows how often each span id is in the data files
   */
  void verifyRows(Map<String, Integer> rows) {
    for (Sent sent : acked) {
      for (String id : sent.spanIds()) {
        int times = rows.getOrDefault(id, 0);
        assertThat(times)
            .as("rows of span %s, sent %d times", id, sent.attempts.get())
            .isBetween(1, sent.attempts.get());
      }
    }
  }

  @Override
  public void close() {
    pause();
  }

  private static void verify(Tempo tempo, Sent sent) {
    assertThat(tempo.spanIds(sent.traceId()))
        .as("trace %s", sent.traceId())
        .containsExactlyInAnyOrderElementsOf(sent.spanIds());
  }

  private void send() {
    try (OtlpGrpc otlp = new OtlpGrpc(server)) {
      while (running) {
        Sent next = unanswered.poll();
        Sent sending = next == null ? make() : next;
        sending.attempts.incrementAndGet();
        try {
          assertThat(otlp.send(sending.request).hasPartialSuccess()).isFalse();
          acked.add(sending);
          ackedCount.incrementAndGet();
        } catch (StatusRuntimeException e) {
          unanswered.add(sending);
        }
        LockSupport.parkNanos(BREATH_NANOS);
      }
    }
  }

  private Sent make() {
    int number = made.getAndIncrement();
    Span.Builder root = Spans.span("crash");
    Span[] spans = new Span[SPANS_PER_TRACE];
    for (int i = 0; i < SPANS_PER_TRACE; i++) {
      Span.Builder span =
          i == 0 ? root : Spans.span("crash " + i).setParentSpanId(root.getSpanId());
      spans[i] =
          span.setTraceId(root.getTraceId())
              .addAttributes(Spans.number("crash.request", number))
              .addAttributes(Spans.text("crash.padding", "x".repeat(200)))
              .build();
    }
    return new Sent(Spans.request("crash", spans), new AtomicInteger());
  }

  private record Sent(ExportTraceServiceRequest request, AtomicInteger attempts) {
    private List<Span> spans() {
      return request.getResourceSpans(0).getScopeSpans(0).getSpansList();
    }

    String traceId() {
      return Spans.hex(spans().get(0).getTraceId());
    }

    Set<String> spanIds() {
      Set<String> ids = new HashSet<>();
      spans().forEach(span -> ids.add(Spans.hex(span.getSpanId())));
      return ids;
    }
  }
}
