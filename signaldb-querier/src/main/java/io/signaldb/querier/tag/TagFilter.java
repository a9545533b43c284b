package io.signaldb.querier.tag;

import io.signaldb.common.scan.Condition;
import io.signaldb.querier.trace.SpanConditions;
import io.signaldb.querier.traceql.TraceQl;
import org.jspecify.annotations.Nullable;

/** The {@code q} of a question about tags: a query that is perhaps still being typed. */
final class TagFilter {
  private TagFilter() {}

  /**
   * What can be understood of the query and checked on rows; null for all spans. May let through
   * spans that do not match.
   */
  static @Nullable Condition condition(@Nullable String q) {
    return q == null
        ? null
        : TraceQl.parseWhatIsComplete(q).map(SpanConditions::necessary).orElse(null);
  }
}
