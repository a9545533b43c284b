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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Reads whole traces, as much of each span as a query asks about. Thread-safe.
 *
 * <p>Most traces are over within minutes, so that spans are first looked for in an hour before and
 * behind the time range. Only for traces that show that something is missing, the rest of a day is
 * looked at too: before, if the root or a parent is not there; behind, if a span lasts longer.
 */
public final class WholeTraces {
  /** Spans of any trace are looked for this far outside the time range asked for. */
  public static final Duration SLACK = Duration.ofHours(1);

  /** Spans of a trace that is not whole are looked for this far outside. */
  static final Duration REACH = Duration.ofDays(1);

  private final TraceTable table;

  public WholeTraces(TraceTable table) {
    this.table = table;
  }

  /**
   * The traces in the order of their ids; those without a span are left out. All are held in
   * memory, so that a caller with many asks for some at a time.
   *
   * @param range where the spans are that the caller asks for
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
    Reading reading = new Reading(scope, dataset, columns);
    TimeRange near = range.widenedBy(SLACK);
    TimeRange far = range.widenedBy(REACH);
    Map<String, Trace> traces = new LinkedHashMap<>();
    reading.read(ids, near, traces);
    if (near.startUnixNano() > far.startUnixNano()) {
      reading.read(
          ids(traces, Trace::lacksAncestors),
          new TimeRange(far.startUnixNano(), near.startUnixNano() - 1),
          traces);
    }
    if (near.endUnixNano() < far.endUnixNano()) {
      reading.read(
          ids(traces, trace -> trace.endUnixNano() > near.endUnixNano()),
          new TimeRange(near.endUnixNano() + 1, far.endUnixNano()),
          traces);
    }
    return List.copyOf(traces.values());
  }

  private static List<String> ids(Map<String, Trace> traces, Predicate<Trace> wanted) {
    return traces.values().stream().filter(wanted).map(Trace::id).toList();
  }

  /** Gathers the spans of several time ranges. */
  private final class Reading {
    private final QueryScope scope;
    private final Dataset dataset;
    private final SpanColumns columns;
    private final SpanReader reader;

    Reading(QueryScope scope, Dataset dataset, SpanColumns columns) {
      this.scope = scope;
      this.dataset = dataset;
      this.columns = columns;
      this.reader = new SpanReader(columns);
    }

    /** Reads more spans of some traces, and puts what is known of these now. */
    void read(List<String> ids, TimeRange range, Map<String, Trace> traces) {
      if (ids.isEmpty()) {
        return;
      }
      Condition ofTraces =
          new Condition.In(
              new Operand.ColumnRef("trace_id"),
              ids.stream().<Literal>map(Literal.Text::new).toList());
      table.read(scope, dataset, columns.names(), ofTraces, ids, range, reader::add);
      for (String id : ids) {
        scope.check();
        Trace trace = reader.trace(id);
        if (trace != null) {
          traces.put(id, trace);
        }
      }
    }
  }
}
