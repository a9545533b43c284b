package io.signaldb.querier;

import java.util.LinkedHashMap;
import java.util.Map;

/** A span to store; every {@code with} gives another one. */
record TestSpan(
    String traceId,
    String spanId,
    String parentId,
    String name,
    String service,
    int kind,
    int status,
    String statusMessage,
    long startUnixNano,
    long durationNanos,
    Map<String, Object> attributes,
    Map<String, Object> resource) {

  /** An attribute's value of no simple type. */
  record Json(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  static final long SECOND = 1_000_000_000L;
  static final long NOON = 1_790_000_000L * SECOND;

  /** A root span of kind server that begins {@code second} seconds after noon and takes 100 ms. */
  static TestSpan root(String traceId, String spanId, long second) {
    return new TestSpan(
        "0".repeat(32 - traceId.length()) + traceId,
        "0".repeat(16 - spanId.length()) + spanId,
        "",
        "GET /",
        "shop",
        2,
        0,
        "",
        NOON + second * SECOND,
        SECOND / 10,
        Map.of(),
        Map.of("service.name", "shop"));
  }

  TestSpan childOf(TestSpan parent) {
    return new TestSpan(
        parent.traceId,
        spanId,
        parent.spanId,
        name,
        service,
        kind,
        status,
        statusMessage,
        startUnixNano,
        durationNanos,
        attributes,
        resource);
  }

  TestSpan named(String name) {
    return new TestSpan(
        traceId,
        spanId,
        parentId,
        name,
        service,
        kind,
        status,
        statusMessage,
        startUnixNano,
        durationNanos,
        attributes,
        resource);
  }

  TestSpan of(String service) {
    TestSpan span =
        new TestSpan(
            traceId,
            spanId,
            parentId,
            name,
            service,
            kind,
            status,
            statusMessage,
            startUnixNano,
            durationNanos,
            attributes,
            resource);
    return span.withResource("service.name", service);
  }

  TestSpan kind(int kind) {
    return new TestSpan(
        traceId,
        spanId,
        parentId,
        name,
        service,
        kind,
        status,
        statusMessage,
        startUnixNano,
        durationNanos,
        attributes,
        resource);
  }

  TestSpan failed(String message) {
    return new TestSpan(
        traceId,
        spanId,
        parentId,
        name,
        service,
        kind,
        2,
        message,
        startUnixNano,
        durationNanos,
        attributes,
        resource);
  }

  TestSpan startingAt(long unixNano) {
    return new TestSpan(
        traceId,
        spanId,
        parentId,
        name,
        service,
        kind,
        status,
        statusMessage,
        unixNano,
        durationNanos,
        attributes,
        resource);
  }

  TestSpan lasting(long nanos) {
    return new TestSpan(
        traceId,
        spanId,
        parentId,
        name,
        service,
        kind,
        status,
        statusMessage,
        startUnixNano,
        nanos,
        attributes,
        resource);
  }

  /**
   * @param value String, Long, Double, Boolean or {@link Json}
   */
  TestSpan with(String key, Object value) {
    return new TestSpan(
        traceId,
        spanId,
        parentId,
        name,
        service,
        kind,
        status,
        statusMessage,
        startUnixNano,
        durationNanos,
        plus(attributes, key, value),
        resource);
  }

  TestSpan withResource(String key, Object value) {
    return new TestSpan(
        traceId,
        spanId,
        parentId,
        name,
        service,
        kind,
        status,
        statusMessage,
        startUnixNano,
        durationNanos,
        attributes,
        plus(resource, key, value));
  }

  private static Map<String, Object> plus(Map<String, Object> map, String key, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(map);
    more.put(key, value);
    return more;
  }
}
