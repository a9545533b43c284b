package io.signaldb.producer;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.logs.LogRecordProcessor;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is reported on its way out, for the signals that are asked for. Single-threaded. */
final class Telemetry {
  private final @Nullable Batches<SpanData> spans;
  private final @Nullable Batches<LogRecordData> logs;
  private final @Nullable Batches<MetricData> metrics;
  private final List<Batches<?>> all = new ArrayList<>();

  Telemetry(Set<Signal> signals, Protocol protocol, Protocol.Target target) {
    spans = signals.contains(Signal.TRACES) ? kept(spans(protocol.spans(target))) : null;
    logs = signals.contains(Signal.LOGS) ? kept(logs(protocol.logs(target))) : null;
    metrics = signals.contains(Signal.METRICS) ? kept(metrics(protocol.metrics(target))) : null;
  }

  private <T> Batches<T> kept(Batches<T> batches) {
    all.add(batches);
    return batches;
  }

  private static Batches<SpanData> spans(SpanExporter exporter) {
    return new Batches<>("spans", exporter::export, exporter::shutdown, span -> 1);
  }

  private static Batches<LogRecordData> logs(LogRecordExporter exporter) {
    return new Batches<>("log records", exporter::export, exporter::shutdown, log -> 1);
  }

  private static Batches<MetricData> metrics(MetricExporter exporter) {
    return new Batches<>(
        "data points",
        exporter::export,
        exporter::shutdown,
        metric -> metric.getData().getPoints().size());
  }

  boolean hasMetrics() {
    return metrics != null;
  }

  boolean hasLogs() {
    return logs != null;
  }

  SpanProcessor spanProcessor() {
    return new EndedSpans();
  }

  LogRecordProcessor logProcessor() {
    return (context, log) -> {
      if (logs != null) {
        logs.add(log.toLogRecordData());
      }
    };
  }

  void add(MetricData metric) {
    if (metrics != null) {
      metrics.add(metric);
    }
  }

  /** Sends what has been collected, without waiting for answers. */
  void send() {
    all.forEach(Batches::send);
  }

  /** See {@link Batches#finish}. */
  boolean finish(long seconds) throws InterruptedException {
    boolean answered = true;
    for (Batches<?> batches : all) {
      answered &= batches.finish(seconds);
    }
    return answered;
  }

  long exported() {
    return all.stream().mapToLong(Batches::exported).sum();
  }

  long failed() {
    return all.stream().mapToLong(Batches::failed).sum();
  }

  /** What was accepted: {@code 12 spans, 3 log records}. */
  String accepted() {
    return all.stream()
        .map(batches -> batches.exported() + " " + batches.noun())
        .collect(Collectors.joining(", "));
  }

  private final class EndedSpans implements SpanProcessor {
    @Override
    public void onStart(Context parentContext, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      if (spans != null) {
        spans.add(span.toSpanData());
      }
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }
}
