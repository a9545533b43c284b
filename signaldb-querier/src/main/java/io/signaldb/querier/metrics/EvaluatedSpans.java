package io.signaldb.querier.metrics;

import io.signaldb.common.flight.TimeSteps;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Sql;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.RowFilter;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceRows;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.trace.Pushdown;
import io.signaldb.querier.trace.Span;
import io.signaldb.querier.trace.SpanColumns;
import io.signaldb.querier.trace.SpanConditions;
import io.signaldb.querier.trace.SpanReader;
import io.signaldb.querier.trace.Trace;
import io.signaldb.querier.trace.WholeTraces;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Spanset;
import io.signaldb.querier.traceql.SpansetExpression;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Finds the spans that an expression selects by evaluating it trace after trace: the engine hands
 * out the rows of traces in the order of their ids, so that there is one trace in memory at a time.
 * Immutable.
 */
final class EvaluatedSpans {
  private final SpansetExpression expression;
  private final SpanColumns columns;
  private final TableSchema schema;
  private final boolean wholeTraces;

  /**
   * @param fields those of the expression, and others that are read of the spans
   */
  EvaluatedSpans(SpansetExpression expression, List<Field> fields, TableSchema schema) {
    this.expression = expression;
    this.columns = SpanColumns.of(fields, expression.isStructural(), schema.attributes());
    this.schema = schema;
    this.wholeTraces =
        !(expression instanceof SpansetExpression.Filter)
            || fields.stream().anyMatch(EvaluatedSpans::isOfTrace);
  }

  /** Whether other spans of the trace have a part in the value. */
  private static boolean isOfTrace(Field field) {
    if (field instanceof Attribute attribute) {
      return attribute.scope().isOfParent();
    }
    Intrinsic intrinsic = ((IntrinsicField) field).intrinsic();
    return intrinsic.isOfTree()
        || intrinsic == Intrinsic.TRACE_DURATION
        || intrinsic == Intrinsic.ROOT_NAME
        || intrinsic == Intrinsic.ROOT_SERVICE_NAME;
  }

  /** Hands out the spans that start in one of the steps, each once. */
  void forEach(
      QueryScope scope,
      TraceTable table,
      Dataset dataset,
      TimeSteps steps,
      Consumer<Span> consumer) {
    TimeRange range = new TimeRange(steps.startUnixNano() + 1, steps.endUnixNano());
    Traces traces = new Traces(scope, range, consumer);
    if (wholeTraces) {
      Pushdown pushdown = Pushdown.of(expression);
      TimeRange wide = range.widenedBy(WholeTraces.SLACK);
      Sql filter = RowFilter.of(schema, pushdown.where(), pushdown.ofRoot() ? wide : range);
      Set<String> read = new HashSet<>(columns.names());
      read.addAll(RowFilter.columns(schema, pushdown.where()));
      try (TraceTable.View view = table.open(scope, dataset, List.copyOf(read), null, wide, null);
          TraceRows rows = view.rows(read)) {
        String spans = union(rows, selected(columns.names()), source -> "");
        traces.read(
            rows,
            pushdown.where() == null ? spans : joined(rows, spans, filter),
            pushdown.where() == null ? List.of() : filter.params());
      }
    } else {
      Condition where =
          SpanConditions.necessary(((SpansetExpression.Filter) expression).condition());
      Sql filter = RowFilter.of(schema, where, range);
      Set<String> read = new HashSet<>(columns.names());
      read.addAll(RowFilter.columns(schema, where));
      try (TraceTable.View view = table.open(scope, dataset, columns.names(), where, range, null);
          TraceRows rows = view.rows(read)) {
        traces.read(
            rows,
            union(
                rows, selected(columns.names()), source -> source.filtered() ? "" : filter.text()),
            filter.params());
      }
    }
  }

  /**
   * The spans of traces with a span that fulfils the condition. The engine keeps the ids in memory
   * and the order of the spans, which it would not for {@code IN}.
   */
  private static String joined(TraceRows rows, String spans, Sql filter) {
    String ids = union(rows, "\"trace_id\" AS \"id\"", source -> filter.text());
    return "SELECT spans.* FROM (SELECT DISTINCT \"id\" FROM (%s)) AS matching".formatted(ids)
        + " JOIN (%s) AS spans ON spans.\"trace_id\" = matching.\"id\"".formatted(spans);
  }

  /** What is behind the table's name, by source. */
  private interface Filters {
    String of(TraceRows.Source source);
  }

  private static String union(TraceRows rows, String selected, Filters filters) {
    return rows.sources().stream()
        .map(
            source -> "SELECT %s FROM %s%s".formatted(selected, source.table(), filters.of(source)))
        .collect(Collectors.joining(" UNION ALL "));
  }

  private static String selected(List<String> columns) {
    return columns.stream().map(column -> '"' + column + '"').collect(Collectors.joining(", "));
  }

  /** Takes rows in the order of trace ids and evaluates each trace when it is complete. */
  private final class Traces {
    private final QueryScope scope;
    private final TimeRange range;
    private final Consumer<Span> consumer;
    private SpanReader reader = new SpanReader(columns);
    private @Nullable String unfinished;

    Traces(QueryScope scope, TimeRange range, Consumer<Span> consumer) {
      this.scope = scope;
      this.range = range;
      this.consumer = consumer;
    }

    void read(TraceRows rows, String spans, List<Object> params) {
      if (!rows.sources().isEmpty()) {
        rows.query(
            new Sql(
                "SELECT * FROM (%s) ORDER BY \"trace_id\" NULLS FIRST".formatted(spans), params),
            (batch, visible) -> add(batch));
        if (unfinished != null) {
          evaluate(unfinished);
        }
      }
    }

    private void add(VectorSchemaRoot batch) {
      VarCharVector ids = (VarCharVector) batch.getVector("trace_id");
      int rows = batch.getRowCount();
      if (rows == 0) {
        return;
      }
      String last = id(ids, rows - 1);
      int lastBegins = rows - 1;
      while (lastBegins > 0 && id(ids, lastBegins - 1).equals(last)) {
        lastBegins--;
      }
      int end = lastBegins;
      Set<String> complete = new LinkedHashSet<>();
      if (unfinished != null && !unfinished.equals(last)) {
        complete.add(unfinished);
      }
      for (int row = 0; row < end; row++) {
        complete.add(id(ids, row));
      }
      reader.add(batch, row -> row < end);
      complete.forEach(this::evaluate);
      if (!complete.isEmpty()) {
        reader = reader.next();
      }
      reader.add(batch, row -> row >= end);
      unfinished = last;
    }

    /** Faster than by the vector's own text. */
    private static String id(VarCharVector ids, int row) {
      return new String(ids.get(row), StandardCharsets.US_ASCII);
    }

    private void evaluate(String traceId) {
      scope.check();
      Trace trace = reader.trace(traceId);
      List<Span> inRange =
          trace == null
              ? List.of()
              : trace.spans().stream()
                  .filter(span -> range.contains(span.row().startUnixNano()))
                  .toList();
      if (inRange.isEmpty()) {
        return;
      }
      List<Spanset<Span>> selected = expression.evaluate(Spanset.of(inRange));
      Set<Span> once = Collections.newSetFromMap(new IdentityHashMap<>());
      for (Spanset<Span> spanset : selected) {
        for (Span span : spanset.spans()) {
          if (selected.size() == 1 || once.add(span)) {
            consumer.accept(span);
          }
        }
      }
    }
  }
}
