package io.signaldb.querier.trace;

import io.signaldb.common.flight.QueryTicket;
import io.signaldb.querier.read.NewestTraces;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.trace.FoundTrace.FoundSpanset;
import io.signaldb.querier.traceql.Spanset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Searches traces with TraceQL. The engine names the traces with the newest spans that may match;
 * their spans are read whole and the query is evaluated, a growing group at a time; this goes on
 * until enough traces match or none is left. Thread-safe.
 */
public final class SearchTraces {
  /** Traces evaluated at first: few, so that something is found soon; what most searches want. */
  private static final int TRACES_AT_FIRST = 20;

  /** Most traces evaluated at a time; bounds memory. */
  private static final int TRACES_AT_ONCE = 200;

  /**
   * How many times more traces are looked at when those so far did not match, and evaluated in the
   * next group. Each group reads the files of its traces anew, so that there shall be few.
   */
  private static final int GROWTH = 8;

  private static final Comparator<FoundTrace> NEWEST_FIRST =
      Comparator.comparingLong((FoundTrace found) -> found.trace().startUnixNano())
          .reversed()
          .thenComparing(found -> found.trace().id());

  private final NewestTraces newestTraces;
  private final WholeTraces wholeTraces;

  public SearchTraces(TraceTable table) {
    this.newestTraces = new NewestTraces(table);
    this.wholeTraces = new WholeTraces(table);
  }

  /**
   * Finds up to the limit of matching traces, each once: those with the newest spans that may
   * match.
   *
   * @param consumer takes the matches of each group that has any, as soon as they are known,
   *     ordered by the start of the trace, newest first, then by id; those of a later group may be
   *     newer, since traces may begin in another order than their matching spans
   * @throws io.signaldb.common.error.SignalDbException INVALID_ARGUMENT for a query that is not
   *     TraceQL, a limit or number of spans out of range, a start after the end
   */
  public void search(
      QueryScope scope, QueryTicket.SearchTraces ticket, Consumer<List<FoundTrace>> consumer) {
    SearchRequest request = SearchRequest.of(ticket);
    Pushdown pushdown = request.pushdown().within(request.range());
    TimeRange range = pushdown.range(request.range());
    int missing = request.limit();
    int groupSize = TRACES_AT_FIRST;
    Set<String> evaluated = new HashSet<>();
    boolean more = true;
    for (long count = request.limit(); more && missing > 0; count *= GROWTH) {
      int atMost = (int) Math.min(count, Integer.MAX_VALUE);
      List<String> candidates =
          newestTraces.find(scope, request.dataset(), pushdown.where(), range, atMost);
      more = candidates.size() == atMost;
      List<String> unseen = candidates.stream().filter(evaluated::add).toList();
      int next = 0;
      while (next < unseen.size() && missing > 0) {
        int end = Math.min(unseen.size(), next + groupSize);
        List<FoundTrace> matches =
            evaluate(scope, request, unseen.subList(next, end)).stream()
                .limit(missing)
                .sorted(NEWEST_FIRST)
                .toList();
        if (!matches.isEmpty()) {
          consumer.accept(matches);
        }
        missing -= matches.size();
        next = end;
        groupSize = Math.min(TRACES_AT_ONCE, groupSize * GROWTH);
      }
    }
  }

  /** Those of the traces that match, in the order given. */
  private List<FoundTrace> evaluate(QueryScope scope, SearchRequest request, List<String> ids) {
    ShownFields shown = ShownFields.of(request.query());
    List<FoundTrace> matches = new ArrayList<>();
    for (Trace trace :
        wholeTraces.read(
            scope,
            request.dataset(),
            ids,
            request.range(),
            request.query().fields(),
            request.query().spansets().isStructural())) {
      scope.check();
      if (request.acceptsDuration(trace.durationNanos())) {
        List<FoundSpanset> found = evaluate(request, trace);
        if (!found.isEmpty()) {
          matches.add(new FoundTrace(trace, found, shown));
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
