package io.signaldb.querier.trace;

import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Literal;
import io.signaldb.common.scan.Operand;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.traceql.FieldExpression;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Reads whole traces, as much of each span as a query asks about. Thread-safe. */
public final class WholeTraces {
  /** Spans of a trace are looked for this far outside the time range asked for. */
  public static final Duration SLACK = Duration.ofHours(1);

  private final TraceTable table;

  public WholeTraces(TraceTable table) {
    this.table = table;
  }

  /**
   * The traces in the order of their ids; those without a span are left out. All are held in
   * memory, so that a caller with many asks for some at a time.
   *
   * @param range spans an hour before and behind it are read too
   * @param fields what may be asked of the spans
   * @param structural whether their parents and places in the tree may be asked for
   */
  public List<Trace> read(
      QueryScope scope,
      Dataset dataset,
      List<String> ids,
      TimeRange range,
      Collection<FieldExpression.Field> fields,
      boolean structural) {
    SpanColumns columns = SpanColumns.of(fields, structural, table.schema().attributes());
    SpanReader reader = new SpanReader(columns);
    Condition ofTraces =
        new Condition.In(
            new Operand.ColumnRef("trace_id"),
            ids.stream().<Literal>map(Literal.Text::new).toList());
    table.read(scope, dataset, columns.names(), ofTraces, ids, range.widenedBy(SLACK), reader::add);
    List<Trace> traces = new ArrayList<>();
    for (String id : ids) {
      scope.check();
      Trace trace = reader.trace(id);
      if (trace != null) {
        traces.add(trace);
      }
    }
    return traces;
  }
}
