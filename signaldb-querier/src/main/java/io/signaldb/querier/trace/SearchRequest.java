package io.signaldb.querier.trace;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SearchParams;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.traceql.Hints;
import io.signaldb.querier.traceql.Query;
import io.signaldb.querier.traceql.SpansetExpression;
import io.signaldb.querier.traceql.TraceQl;
import io.signaldb.querier.traceql.TraceQlException;
import org.jspecify.annotations.Nullable;

/** A search whose parameters have been checked and whose defaults are filled in. */
record SearchRequest(
    Dataset dataset,
    Query.Search query,
    TimeRange range,
    @Nullable Long minDurationNanos,
    @Nullable Long maxDurationNanos,
    int limit,
    int spansShown) {
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 262_144;
  private static final int DEFAULT_SPANS = 3;
  private static final int MAX_SPANS = 100;

  /**
   * @throws SignalDbException INVALID_ARGUMENT naming the parameter that is wrong
   */
  static SearchRequest of(QueryTicket.SearchTraces ticket) {
    SearchParams params = ticket.params();
    Long least = params.minDurationNanos();
    Long most = params.maxDurationNanos();
    if (least != null && most != null && least > most) {
      throw invalid(
          "Invalid durations: min_duration %d ns is above max_duration %d ns"
              .formatted(least, most));
    }
    return new SearchRequest(
        new Dataset(ticket.tenantSlug(), ticket.datasetSlug()),
        query(params),
        TimeRange.ofSeconds(params.startSeconds(), params.endSeconds()),
        least,
        most,
        within("limit", params.limit(), DEFAULT_LIMIT, MAX_LIMIT),
        within("spss", params.spss(), DEFAULT_SPANS, MAX_SPANS));
  }

  boolean acceptsDuration(long nanos) {
    return (minDurationNanos == null || nanos >= minDurationNanos)
        && (maxDurationNanos == null || nanos <= maxDurationNanos);
  }

  /** What every matching trace fulfils with a span. */
  Pushdown pushdown() {
    Pushdown ofQuery = Pushdown.of(query.spansets());
    return maxDurationNanos == null ? ofQuery : ofQuery.inTraceOfAtMost(maxDurationNanos);
  }

  private static Query.Search query(SearchParams params) {
    String q = params.q();
    String tags = params.tags();
    if (q == null || q.isBlank()) {
      return new Query.Search(
          new SpansetExpression.Filter(LogfmtTags.condition(tags == null ? "" : tags)), Hints.NONE);
    }
    if (tags != null && !tags.isBlank()) {
      throw invalid("Invalid search: q and tags are both given; expected one of them");
    }
    try {
      return TraceQl.parseSearch(q);
    } catch (TraceQlException e) {
      throw new SignalDbException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  private static int within(String name, @Nullable Integer value, int standard, int maximum) {
    if (value == null) {
      return standard;
    }
    if (value < 1 || value > maximum) {
      throw invalid("Invalid %s %d: expected 1 to %d".formatted(name, value, maximum));
    }
    return value;
  }

  private static SignalDbException invalid(String message) {
    return new SignalDbException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
