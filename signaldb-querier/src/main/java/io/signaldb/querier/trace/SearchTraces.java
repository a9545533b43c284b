package io.signaldb.querier.trace;

import io.signaldb.common.flight.QueryTicket;
import io.signaldb.querier.read.NewestTraces;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.trace.FoundTrace.FoundSpanset;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.Spanset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Searches traces with TraceQL. The engine names the traces with the newest spans that may match;
 * their spans are read whole and the query is evaluated; this goes on until enough traces match or
 * none is left. Thread-safe.
 */
public final class SearchTraces {
  /** Traces evaluated at a time; bounds memory. */
  private static final int TRACES_AT_ONCE = 200;

  /** How many times more traces are looked at when those so far did not match. */
  private static final int GROWTH = 8;

  private final NewestTraces newestTraces;
  private final WholeTraces wholeTraces;

  public SearchTraces(TraceTable table) {
    this.newestTraces = new NewestTraces(table);
    this.wholeTraces = new WholeTraces(table);
  }

  /**
   * Finds up to the limit of matching traces: those with the newest spans that may match, ordered
   * by the start of the trace, newest first, then by id.
   *
   * @throws io.signaldb.common.error.SignalDbException INVALID_ARGUMENT for a query that is not
   *     TraceQL, a limit or number of spans out of range, a start after the end
   */
  public List<FoundTrace> search(QueryScope scope, QueryTicket.SearchTraces ticket) {
    SearchRequest request = SearchRequest.of(ticket);
    Pushdown pushdown = request.pushdown();
    TimeRange range =
        pushdown.ofRoot() ? request.range().widenedBy(WholeTraces.SLACK) : request.range();
    List<FoundTrace> matches = new ArrayList<>();
    Set<String> evaluated = new HashSet<>();
    boolean more = true;
    for (long count = request.limit(); more && matches.size() < request.limit(); count *= GROWTH) {
      int atMost = (int) Math.min(count, Integer.MAX_VALUE);
      List<String> candidates =
          newestTraces.find(scope, request.dataset(), pushdown.where(), range, atMost);
      more = candidates.size() == atMost;
      List<String> unseen = candidates.stream().filter(evaluated::add).toList();
      for (int i = 0; i < unseen.size() && matches.size() < request.limit(); i += TRACES_AT_ONCE) {
        int end = Math.min(unseen.size(), i + TRACES_AT_ONCE);
        matches.addAll(evaluate(scope, request, unseen.subList(i, end)));
      }
    }
    return matches.stream()
        .limit(request.limit())
        .sorted(
            Comparator.comparingLong((FoundTrace found) -> found.trace().startUnixNano())
                .reversed()
                .thenComparing(found -> found.trace().id()))
        .toList();
  }

  /** Those of the traces that match, in the order given. */
  private List<FoundTrace> evaluate(QueryScope scope, SearchRequest request, List<String> ids) {
    List<FieldExpression.Field> fields = request.query().fields();
    List<FoundTrace> matches = new ArrayList<>();
    for (Trace trace :
        wholeTraces.read(
            scope,
            request.dataset(),
            ids,
            request.range(),
            fields,
            request.query().spansets().isStructural())) {
      scope.check();
      if (request.acceptsDuration(trace.durationNanos())) {
        List<FoundSpanset> found = evaluate(request, trace);
        if (!found.isEmpty()) {
          matches.add(new FoundTrace(trace, found, fields));
        }
      }
    }
    return matches;
  }

  /** Only spans in the range match, though all spans of the trace tell how it hangs together. */
  private static List<FoundSpanset> evaluate(SearchRequest request, Trace trace) {
    List<Span> inRange =
        trace.spans().stream()
            .filter(span -> request.range().contains(span.row().startUnixNano()))
            .toList();
    if (inRange.isEmpty()) {
      return List.of();
    }
    return request.query().spansets().evaluate(Spanset.of(inRange)).stream()
        .map(
            spanset ->
                new FoundSpanset(
                    spanset.spans().stream().limit(request.spansShown()).toList(),
                    spanset.spans().size(),
                    spanset.attributes()))
        .toList();
  }
}
