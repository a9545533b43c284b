package io.signaldb.querier;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A span to store; every method that changes something gives another one. */
public final class TestSpan {
  public static final long SECOND = 1_000_000_000L;
  public static final long NOON = 1_790_000_000L * SECOND;

  private String traceId = "";
  private String spanId = "";
  private String parentId = "";
  private String name = "GET /";
  private String service = "shop";
  private int kind = 2;
  private int status;
  private String statusMessage = "";
  private String scopeName = "";
  private String scopeVersion = "";
  private long startUnixNano;
  private long durationNanos = SECOND / 10;
  private Map<String, Object> attributes = Map.of();
  private Map<String, Object> resource = Map.of("service.name", "shop");
  private Map<String, Object> scope = Map.of();
  private List<Event> events = List.of();
  private List<Link> links = List.of();

  /** An attribute's value of no simple type. */
  public record Json(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  /** Something that happened during the span. */
  public record Event(String name, long unixNano, Map<String, Object> attributes) {}

  /** A reference to another span. */
  public record Link(String traceId, String spanId, Map<String, Object> attributes) {}

  private TestSpan() {}

  private TestSpan(TestSpan other) {
    traceId = other.traceId;
    spanId = other.spanId;
    parentId = other.parentId;
    name = other.name;
    service = other.service;
    kind = other.kind;
    status = other.status;
    statusMessage = other.statusMessage;
    scopeName = other.scopeName;
    scopeVersion = other.scopeVersion;
    startUnixNano = other.startUnixNano;
    durationNanos = other.durationNanos;
    attributes = other.attributes;
    resource = other.resource;
    scope = other.scope;
    events = other.events;
    links = other.links;
  }

  private TestSpan changed(Consumer<TestSpan> change) {
    TestSpan copy = new TestSpan(this);
    change.accept(copy);
    return copy;
  }

  /** A root span of kind server that begins {@code second} seconds after noon and takes 100 ms. */
  public static TestSpan root(String traceId, String spanId, long second) {
    TestSpan span = new TestSpan();
    span.traceId = padded(traceId, 32);
    span.spanId = padded(spanId, 16);
    span.startUnixNano = NOON + second * SECOND;
    return span;
  }

  public TestSpan childOf(TestSpan parent) {
    return changed(
        copy -> {
          copy.traceId = parent.traceId;
          copy.parentId = parent.spanId;
        });
  }

  /** As {@link #childOf(TestSpan)}, of a parent that may not be there; empty for a root. */
  public TestSpan childOf(String parentSpanId) {
    return changed(copy -> copy.parentId = parentSpanId);
  }

  public TestSpan named(String other) {
    return changed(copy -> copy.name = other);
  }

  public TestSpan of(String other) {
    return changed(copy -> copy.service = other).withResource("service.name", other);
  }

  public TestSpan kind(int number) {
    return changed(copy -> copy.kind = number);
  }

  public TestSpan status(int number, String message) {
    return changed(
        copy -> {
          copy.status = number;
          copy.statusMessage = message;
        });
  }

  public TestSpan failed(String message) {
    return status(2, message);
  }

  public TestSpan at(long unixNano) {
    return changed(copy -> copy.startUnixNano = unixNano);
  }

  /** The same at another time, its events too. */
  public TestSpan shiftedBy(long nanos) {
    return changed(
        copy -> {
          copy.startUnixNano += nanos;
          copy.events =
              events.stream()
                  .map(event -> new Event(event.name, event.unixNano + nanos, event.attributes))
                  .toList();
        });
  }

  public TestSpan lasting(long nanos) {
    return changed(copy -> copy.durationNanos = nanos);
  }

  public TestSpan instrumentedBy(String scopeName, String scopeVersion) {
    return changed(
        copy -> {
          copy.scopeName = scopeName;
          copy.scopeVersion = scopeVersion;
        });
  }

  /**
   * @param value String, Long, Double, Boolean or {@link Json}
   */
  public TestSpan with(String key, Object value) {
    return changed(copy -> copy.attributes = plus(attributes, key, value));
  }

  public TestSpan withResource(String key, Object value) {
    return changed(copy -> copy.resource = plus(resource, key, value));
  }

  public TestSpan withScope(String key, Object value) {
    return changed(copy -> copy.scope = plus(scope, key, value));
  }

  /** With one more event, so long after the span's start. */
  public TestSpan withEvent(String eventName, long nanosSinceStart, Map<String, Object> ofEvent) {
    Event event = new Event(eventName, startUnixNano + nanosSinceStart, ofEvent);
    return changed(copy -> copy.events = plus(events, event));
  }

  public TestSpan withLink(String toTrace, String toSpan, Map<String, Object> ofLink) {
    Link link = new Link(padded(toTrace, 32), padded(toSpan, 16), ofLink);
    return changed(copy -> copy.links = plus(links, link));
  }

  private static String padded(String id, int digits) {
    return "0".repeat(digits - id.length()) + id;
  }

  private static Map<String, Object> plus(Map<String, Object> map, String key, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(map);
    more.put(key, value);
    return more;
  }

  private static <E> List<E> plus(List<E> list, E element) {
    List<E> more = new ArrayList<>(list);
    more.add(element);
    return more;
  }

  public String traceId() {
    return traceId;
  }

  public String spanId() {
    return spanId;
  }

  public String parentId() {
    return parentId;
  }

  public String name() {
    return name;
  }

  public String service() {
    return service;
  }

  public int kind() {
    return kind;
  }

  public int status() {
    return status;
  }

  public String statusMessage() {
    return statusMessage;
  }

  public String scopeName() {
    return scopeName;
  }

  public String scopeVersion() {
    return scopeVersion;
  }

  public long startUnixNano() {
    return startUnixNano;
  }

  public long durationNanos() {
    return durationNanos;
  }

  public Map<String, Object> attributes() {
    return attributes;
  }

  public Map<String, Object> resource() {
    return resource;
  }

  public Map<String, Object> scope() {
    return scope;
  }

  public List<Event> events() {
    return events;
  }

  public List<Link> links() {
    return links;
  }
}
