package io.signaldb.querier.trace;

import io.signaldb.querier.traceql.Value;
import java.util.List;
import java.util.Map;

/**
 * A trace that matches.
 *
 * @param spansets at least one
 * @param shown what to show of the spans
 */
public record FoundTrace(Trace trace, List<FoundSpanset> spansets, ShownFields shown) {

  /**
   * Spans that match together.
   *
   * @param shown the first of them
   * @param matched number of all of them
   * @param attributes what the query says of them as a whole
   */
  public record FoundSpanset(List<Span> shown, int matched, Map<String, Value> attributes) {}
}
