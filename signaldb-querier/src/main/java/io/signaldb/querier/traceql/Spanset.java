package io.signaldb.querier.traceql;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Spans of one trace that belong together.
 *
 * @param spans at least one, each once, in the order of the trace
 * @param attributes what the query has found out about the spans as a whole, under the text of the
 *     expression: {@code by(span.x)}, {@code count()}
 */
public record Spanset<S extends SpanView>(List<S> spans, Map<String, Value> attributes) {
  /** The spans with nothing known about them. */
  public static <S extends SpanView> Spanset<S> of(List<S> spans) {
    return new Spanset<>(spans, Map.of());
  }

  /** Other spans, of which the same is known. */
  Spanset<S> with(List<S> others) {
    return new Spanset<>(others, attributes);
  }

  /** The same spans, of which more is known. */
  Spanset<S> with(Map<String, Value> more) {
    Map<String, Value> all = new LinkedHashMap<>(attributes);
    all.putAll(more);
    return new Spanset<>(spans, all);
  }
}
