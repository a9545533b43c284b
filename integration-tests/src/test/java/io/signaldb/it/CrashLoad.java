package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Path;
import java.time.Instant;
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
 * Senders of all signals in turn that know which of their requests were acked, and send an
 * unanswered one again as it was.
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

  /** Checks every acked trace. */
  void verifyAll(Tempo tempo) {
    acked.forEach(sent -> verify(tempo, sent));
  }

  /** Checks what is stored, where a doubled row is not folded away as in answers. */
  void verifyRows(Path dataDir) {
    verifyRows(StoredRows.bySpanId(dataDir), SentTrace.class);
    verifyRows(StoredRows.by(dataDir, "logs", "body"), SentLogs.class);
    for (String table : SentMetrics.TABLES) {
      verifyRows(StoredRows.by(dataDir, table, "metric_name"), SentMetrics.class);
    }
  }

  /**
   * @param rows how often each row is in the data files, by id
   */
  private void verifyRows(Map<String, Integer> rows, Class<? extends Sent> signal) {
    for (Sent sent : acked) {
      if (!signal.isInstance(sent)) {
        continue;
      }
      for (String id : sent.rowIds()) {
        int times = rows.getOrDefault(id, 0);
        assertThat(times)
            .as("rows of %s, sent %d times", id, sent.attempts.get())
            .isBetween(1, sent.attempts.get());
      }
    }
  }

  @Override
  public void close() {
    pause();
  }

  private static void verify(Tempo tempo, Sent sent) {
    if (sent instanceof SentTrace trace) {
      assertThat(tempo.spanIds(trace.traceId()))
          .as("trace %s", trace.traceId())
          .containsExactlyInAnyOrderElementsOf(trace.rowIds());
    }
  }

  private void send() {
    try (OtlpGrpc otlp = new OtlpGrpc(server)) {
      while (running) {
        Sent next = unanswered.poll();
        Sent sending = next == null ? make() : next;
        sending.attempts.incrementAndGet();
        try {
          assertThat(sending.send(otlp)).isFalse();
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
    return switch (number % 3) {
      case 0 -> makeTrace(number);
      case 1 -> new SentLogs(number);
      default -> new SentMetrics(number);
    };
  }

  private static Sent makeTrace(int number) {
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
    return new SentTrace(Spans.request("crash", spans));
  }

  /** A request, to be sent until it is acked. */
  private abstract static class Sent {
    final AtomicInteger attempts = new AtomicInteger();

    /** Tells whether something was rejected. */
    abstract boolean send(OtlpGrpc otlp);

    /** What tells its rows from all others. */
    abstract Set<String> rowIds();
  }

  private static final class SentTrace extends Sent {
    private final ExportTraceServiceRequest request;

    SentTrace(ExportTraceServiceRequest request) {
      this.request = request;
    }

    private List<Span> spans() {
      return request.getResourceSpans(0).getScopeSpans(0).getSpansList();
    }

    String traceId() {
      return Spans.hex(spans().get(0).getTraceId());
    }

    @Override
    boolean send(OtlpGrpc otlp) {
      return otlp.send(request).hasPartialSuccess();
    }

    @Override
    Set<String> rowIds() {
      Set<String> ids = new HashSet<>();
      spans().forEach(span -> ids.add(Spans.hex(span.getSpanId())));
      return ids;
    }
  }

  private static final class SentLogs extends Sent {
    private static final int RECORDS = 10;

    private final ExportLogsServiceRequest request;
    private final Set<String> bodies = new HashSet<>();

    SentLogs(int number) {
      ScopeLogs.Builder logs = ScopeLogs.newBuilder();
      for (int i = 0; i < RECORDS; i++) {
        String body = "request %d, record %d".formatted(number, i);
        bodies.add(body);
        logs.addLogRecordsBuilder()
            .setTimeUnixNano(Spans.nanos(Instant.now()))
            .setBody(textOf(body));
      }
      request =
          ExportLogsServiceRequest.newBuilder()
              .addResourceLogs(ResourceLogs.newBuilder().addScopeLogs(logs))
              .build();
    }

    private static AnyValue textOf(String text) {
      return AnyValue.newBuilder().setStringValue(text).build();
    }

    @Override
    boolean send(OtlpGrpc otlp) {
      return otlp.send(request).hasPartialSuccess();
    }

    @Override
    Set<String> rowIds() {
      return bodies;
    }
  }

  /** A metric of each kind, under one name. */
  private static final class SentMetrics extends Sent {
    static final List<String> TABLES =
        List.of(
            "metrics_gauge",
            "metrics_sum",
            "metrics_histogram",
            "metrics_exponential_histogram",
            "metrics_summary");

    private final ExportMetricsServiceRequest request;
    private final String name;

    SentMetrics(int number) {
      name = "crash." + number;
      long now = Spans.nanos(Instant.now());
      ScopeMetrics.Builder metrics = ScopeMetrics.newBuilder();
      NumberDataPoint.Builder point =
          NumberDataPoint.newBuilder().setTimeUnixNano(now).setAsInt(number);
      metrics.addMetricsBuilder().setName(name).getGaugeBuilder().addDataPoints(point);
      metrics
          .addMetricsBuilder()
          .setName(name)
          .getSumBuilder()
          .setAggregationTemporalityValue(2)
          .addDataPoints(point);
      metrics
          .addMetricsBuilder()
          .setName(name)
          .getHistogramBuilder()
          .setAggregationTemporalityValue(1)
          .addDataPointsBuilder()
          .setTimeUnixNano(now)
          .addBucketCounts(number);
      metrics
          .addMetricsBuilder()
          .setName(name)
          .getExponentialHistogramBuilder()
          .setAggregationTemporalityValue(1)
          .addDataPointsBuilder()
          .setTimeUnixNano(now);
      metrics
          .addMetricsBuilder()
          .setName(name)
          .getSummaryBuilder()
          .addDataPointsBuilder()
          .setTimeUnixNano(now);
      request =
          ExportMetricsServiceRequest.newBuilder()
              .addResourceMetrics(ResourceMetrics.newBuilder().addScopeMetrics(metrics))
              .build();
    }

    @Override
    boolean send(OtlpGrpc otlp) {
      return otlp.send(request).hasPartialSuccess();
    }

    @Override
    Set<String> rowIds() {
      return Set.of(name);
    }
  }
}
