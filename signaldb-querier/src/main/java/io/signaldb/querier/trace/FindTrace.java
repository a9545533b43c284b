package io.signaldb.querier.trace;

import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.scan.ComparisonOperator;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Literal;
import io.signaldb.common.scan.Operand;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.read.TraceTable.Dataset;
import java.time.Duration;
import java.util.List;

/** Reads all spans of one trace. Thread-safe. */
public final class FindTrace {
  /** A caller's time range is a hint; spans may begin this much outside. */
  private static final Duration HINT_SLACK = Duration.ofHours(1);

  private final TraceTable table;

  public FindTrace(TraceTable table) {
    this.table = table;
  }

  /**
   * The spans of a trace, each once: rows equal in trace id, span id and kind are one span.
   *
   * @return the caller closes it; empty if there is no such trace
   */
  public SpanRows find(QueryScope scope, QueryTicket.FindTrace ticket) {
    Condition ofTrace =
        new Condition.Compare(
            new Operand.ColumnRef("trace_id"),
            ComparisonOperator.EQUAL,
            new Literal.Text(ticket.traceId()));
    TimeRange hint =
        TimeRange.ofSeconds(ticket.startSeconds(), ticket.endSeconds()).widenedBy(HINT_SLACK);
    SpanRows spans = new SpanRows(table.schema(), scope.allocator());
    try {
      table.read(
          scope,
          new Dataset(ticket.tenantSlug(), ticket.datasetSlug()),
          List.of(),
          ofTrace,
          List.of(ticket.traceId()),
          hint,
          spans::add);
      return spans;
    } catch (RuntimeException e) {
      spans.close();
      throw e;
    }
  }
}
