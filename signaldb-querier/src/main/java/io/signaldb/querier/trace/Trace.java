package io.signaldb.querier.trace;

import io.signaldb.querier.traceql.Value;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All spans of a trace that were found, each once, in the order they began. */
public final class Trace {
  private final String id;
  private final List<Span> spans;
  private final Span.@Nullable Row root;
  private final boolean structured;
  private final long startUnixNano;
  private final long durationNanos;

  /**
   * @param spans at least one
   * @param structured whether the spans know their parents, and shall know their place among them
   */
  Trace(String id, List<Span> spans, boolean structured) {
    this.id = id;
    this.structured = structured;
    this.spans =
        spans.stream()
            .sorted(
                Comparator.<Span>comparingLong(span -> span.row().startUnixNano())
                    .thenComparing(span -> span.row().spanId())
                    .thenComparing(span -> span.row().kind()))
            .toList();
    this.root = this.spans.stream().map(Span::row).filter(Span.Row::root).findFirst().orElse(null);
    this.startUnixNano = this.spans.get(0).row().startUnixNano();
    this.durationNanos =
        spans.stream().mapToLong(span -> span.row().endUnixNano()).max().orElseThrow()
            - startUnixNano;
    spans.forEach(span -> span.joins(this));
    if (structured) {
      SpanTree.grow(this.spans);
    }
  }

  /** 32 hexadecimal digits. */
  public String id() {
    return id;
  }

  /** At least one, in the order they began. */
  public List<Span> spans() {
    return spans;
  }

  /** Null while the root span has not arrived. */
  public @Nullable String rootName() {
    return root == null ? null : root.name();
  }

  /** Null while the root span has not arrived. */
  public @Nullable String rootService() {
    return root == null ? null : root.service();
  }

  /** When the first span began. */
  public long startUnixNano() {
    return startUnixNano;
  }

  /** When the last span ended. */
  long endUnixNano() {
    return startUnixNano + durationNanos;
  }

  /** Whether the root is not there, or as far as is known a parent. */
  boolean lacksAncestors() {
    return root == null || (structured && spans.stream().anyMatch(Span::isApart));
  }

  /** From the first begin to the last end. */
  public long durationNanos() {
    return durationNanos;
  }

  /** Number of spans by service. */
  Map<String, Long> spanCounts() {
    Map<String, Long> counts = new TreeMap<>();
    spans.forEach(span -> counts.merge(span.row().service(), 1L, Long::sum));
    return counts;
  }

  /** Number of spans with status error by service; services without errors are absent. */
  Map<String, Long> errorCounts() {
    Map<String, Long> counts = new TreeMap<>();
    for (Span span : spans) {
      if (span.row().status() == Value.Status.ERROR) {
        counts.merge(span.row().service(), 1L, Long::sum);
      }
    }
    return counts;
  }
}
