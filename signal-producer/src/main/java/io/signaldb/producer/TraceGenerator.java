package io.signaldb.producer;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Plays visits: each call of {@link #next} reports one whole trace that ended just now.
 *
 * <p>Durations are log-normal around an operation's median, one operation in a hundred fails and
 * fails its callers with it. Single-threaded.
 */
final class TraceGenerator {
  private static final double FAILURE_RATE = 0.01;
  private static final double SPREAD = 0.5;

  private final ShopServices services;
  private final RandomGenerator random;
  private final List<Operation> visits;
  private final boolean warehouseOpen;
  private @Nullable SpanContext published;

  TraceGenerator(int services, ShopServices shop, RandomGenerator random) {
    this.services = shop;
    this.random = random;
    this.visits = Shop.visits(services);
    this.warehouseOpen = services == Shop.SERVICES.size();
  }

  /**
   * Reports one trace.
   *
   * @param now when the root span ends
   */
  Trace next(Instant now) {
    SpanContext order = published;
    if (order != null && warehouseOpen) {
      published = null;
      return play(Shop.fulfilment(), order, now);
    }
    return play(visits.get(random.nextInt(visits.size())), null, now);
  }

  private Trace play(Operation visit, @Nullable SpanContext cause, Instant now) {
    Timed plan = plan(visit);
    long end = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    SpanContext root = report(plan, end - plan.nanos, Context.root(), cause);
    return new Trace(root.getTraceId(), visit.name(), plan.spans, plan.nanos, plan.failed);
  }

  /** Decides durations and failures bottom up, so that parents cover and reflect their calls. */
  private Timed plan(Operation operation) {
    List<Timed> calls = operation.calls().stream().map(this::plan).toList();
    long self = (long) (operation.selfMillis() * 1e6 * Math.exp(SPREAD * random.nextGaussian()));
    boolean leaf = calls.isEmpty();
    boolean failed =
        leaf ? random.nextDouble() < FAILURE_RATE : calls.stream().anyMatch(call -> call.failed);
    return new Timed(
        operation,
        calls,
        self,
        self + calls.stream().mapToLong(call -> call.nanos).sum(),
        failed,
        1 + calls.stream().mapToInt(call -> call.spans).sum());
  }

  private SpanContext report(Timed plan, long start, Context parent, @Nullable SpanContext cause) {
    Operation operation = plan.operation;
    Pod pod = services.pod(operation.service(), random);
    SpanBuilder builder =
        pod.tracer()
            .spanBuilder(operation.name())
            .setParent(parent)
            .setSpanKind(operation.kind())
            .setAllAttributes(operation.attributes())
            .setStartTimestamp(start, TimeUnit.NANOSECONDS);
    if (cause != null) {
      builder.addLink(cause, Attributes.builder().put("messaging.message.id", "m-1").build());
    }
    Span span = builder.startSpan();
    decorate(span, operation);
    Context context = parent.with(span);
    long gap = plan.self / (plan.calls.size() + 1);
    long at = start + gap;
    for (Timed call : plan.calls) {
      report(call, at, context, null);
      at += call.nanos + gap;
    }
    long end = start + plan.nanos;
    if (plan.failed) {
      fail(span, plan, end);
    }
    if (operation.kind() == SpanKind.PRODUCER) {
      published = span.getSpanContext();
    }
    pod.ended(operation, context, end, plan.nanos, plan.failed);
    span.end(end, TimeUnit.NANOSECONDS);
    return span.getSpanContext();
  }

  private void decorate(Span span, Operation operation) {
    switch (operation.kind()) {
      case SERVER -> span.setAttribute("thread.name", "worker-" + random.nextInt(16));
      case CLIENT -> span.setAttribute("peer.attempt", 1L);
      case PRODUCER, CONSUMER ->
          span.setAttribute(
              "messaging.destination.partition.id", Integer.toString(random.nextInt(8)));
      case INTERNAL -> span.setAttribute("cache.age_seconds", random.nextDouble() * 60);
    }
    if (operation.service().equals("frontend") && operation.kind() != SpanKind.CLIENT) {
      span.setAttribute("user.id", "user-" + random.nextInt(10_000));
    }
  }

  private static void fail(Span span, Timed plan, long end) {
    if (plan.calls.isEmpty()) {
      span.addEvent(
          "exception",
          Attributes.builder()
              .put("exception.type", "java.util.concurrent.TimeoutException")
              .put("exception.message", plan.operation.name() + " gave no answer in time")
              .build(),
          end,
          TimeUnit.NANOSECONDS);
    }
    if (plan.operation.attributes().asMap().keySet().stream()
        .anyMatch(key -> key.getKey().equals("http.response.status_code"))) {
      span.setAttribute("http.response.status_code", 503L);
    }
    span.setStatus(StatusCode.ERROR, plan.operation.name() + " failed");
  }

  /** One reported trace. */
  record Trace(String traceId, String name, int spans, long nanos, boolean failed) {}

  private record Timed(
      Operation operation, List<Timed> calls, long self, long nanos, boolean failed, int spans) {}
}
