package io.signaldb.querier;

import io.signaldb.querier.ReferenceValues.Time;
import io.signaldb.querier.ReferenceValues.Word;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A trace in memory. Everything is looked up again each time: slow, and easy to see through. */
final class ReferenceTrace {
  private static final List<String> STATUSES = List.of("unset", "ok", "error");
  private static final List<String> KINDS =
      List.of("unspecified", "internal", "server", "client", "producer", "consumer");

  final List<TestSpan> spans;

  /**
   * @param spans all with one trace id; the same span may be there twice
   */
  ReferenceTrace(Collection<TestSpan> spans) {
    this.spans =
        spans.stream()
            .collect(
                java.util.stream.Collectors.toMap(
                    span -> span.spanId() + span.kind(), span -> span, (first, second) -> first))
            .values()
            .stream()
            .sorted(
                Comparator.comparingLong(TestSpan::startUnixNano)
                    .thenComparing(TestSpan::spanId)
                    .thenComparingInt(span -> span.kind()))
            .toList();
  }

  long start() {
    return spans.stream().mapToLong(TestSpan::startUnixNano).min().orElseThrow();
  }

  long duration() {
    return spans.stream()
            .mapToLong(span -> span.startUnixNano() + span.durationNanos())
            .max()
            .orElseThrow()
        - start();
  }

  @Nullable TestSpan root() {
    return spans.stream().filter(span -> span.parentId().isEmpty()).findFirst().orElse(null);
  }

  /** Null for a root, where the parent is not there, and where parents go round in a circle. */
  @Nullable TestSpan parent(TestSpan span) {
    return hangsOnTop(span) ? named(span) : null;
  }

  private @Nullable TestSpan named(TestSpan span) {
    if (span.kind() == 2) {
      for (TestSpan twin : spans) {
        if (twin.kind() == 3 && twin.spanId().equals(span.spanId())) {
          return twin;
        }
      }
    }
    List<TestSpan> named =
        spans.stream().filter(other -> other.spanId().equals(span.parentId())).toList();
    return named.stream()
        .filter(other -> other.kind() == 2)
        .findFirst()
        .orElse(named.isEmpty() ? null : named.get(0));
  }

  boolean isBelow(TestSpan span, TestSpan ancestor) {
    TestSpan above = parent(span);
    for (int steps = 0; above != null && steps <= spans.size(); steps++) {
      if (above == ancestor) {
        return true;
      }
      above = parent(above);
    }
    return false;
  }

  long children(TestSpan span) {
    return spans.stream().filter(other -> parent(other) == span).count();
  }

  private boolean hangsOnTop(TestSpan span) {
    TestSpan above = span;
    for (int steps = 0; steps <= spans.size(); steps++) {
      TestSpan parent = named(above);
      if (parent == null) {
        return true;
      }
      above = parent;
    }
    return false;
  }

  /** −1 for a root, 0 where the parent is not there, else something positive. */
  long nestedSetParent(TestSpan span) {
    TestSpan parent = parent(span);
    if (!hangsOnTop(span)) {
      return 0;
    }
    return parent != null ? 1 : span.parentId().isEmpty() ? -1 : 0;
  }

  static @Nullable Object attribute(Map<String, Object> attributes, String key) {
    return ReferenceValues.stored(attributes.get(key));
  }

  @Nullable Object intrinsic(
      String name, TestSpan span, TestSpan.@Nullable Event event, TestSpan.@Nullable Link link) {
    TestSpan root = root();
    return switch (name) {
      case "name" -> span.name();
      case "duration" -> new Time(span.durationNanos());
      case "status" -> new Word(STATUSES.get(span.status()));
      case "statusMessage" -> span.statusMessage();
      case "kind" -> new Word(KINDS.get(span.kind()));
      case "childCount" -> children(span);
      case "nestedSetParent" -> nestedSetParent(span);
      case "span:id" -> span.spanId();
      case "span:parentID" -> span.parentId();
      case "parent" -> span.parentId().isEmpty() ? null : span.parentId();
      case "trace:id" -> span.traceId();
      case "traceDuration" -> new Time(duration());
      case "rootName" -> root == null ? null : root.name();
      case "rootServiceName" -> root == null ? null : root.service();
      case "instrumentation:name" -> span.scopeName();
      case "instrumentation:version" -> span.scopeVersion();
      case "event:name" -> event == null ? null : event.name();
      case "event:timeSinceStart" ->
          event == null ? null : new Time(event.unixNano() - span.startUnixNano());
      case "link:traceID" -> link == null ? null : link.traceId();
      case "link:spanID" -> link == null ? null : link.spanId();
      default -> throw new IllegalArgumentException(name);
    };
  }
}
