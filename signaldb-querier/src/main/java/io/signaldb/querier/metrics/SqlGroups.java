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
import io.signaldb.querier.trace.Implied;
import io.signaldb.querier.trace.SpanConditions;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.MetricsFunction;
import io.signaldb.querier.traceql.SpansetExpression;
import io.signaldb.querier.traceql.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Groups spans by one aggregation in the engine: for a filter that the engine can decide, and
 * fields that are in the row of a span. Immutable.
 */
final class SqlGroups {
  /** Trace id, span id and kind make a span; rows that have all of them in common are copies. */
  private static final String IDENTITY = "\"trace_id\", \"span_id\", \"span_kind_number\"";

  /** Beyond so many ids, it is not just some clients that have sent something twice. */
  private static final int MAX_REPEATED = 1000;

  private final TableSchema schema;
  private final @Nullable Condition where;
  private final List<FieldSql> by;
  private final @Nullable FieldSql of;
  private final @Nullable Function<String, String> bucket;

  private SqlGroups(
      TableSchema schema,
      @Nullable Condition where,
      List<FieldSql> by,
      @Nullable FieldSql of,
      @Nullable Function<String, String> bucket) {
    this.schema = schema;
    this.where = where;
    this.by = by;
    this.of = of;
    this.bucket = bucket;
  }

  /** Empty for what takes more than one aggregation. */
  static Optional<SqlGroups> of(
      SpansetExpression spans, MetricsFunction function, TableSchema schema) {
    if (!(spans instanceof SpansetExpression.Filter filter)
        || function instanceof MetricsFunction.Compare) {
      return Optional.empty();
    }
    Implied implied = SpanConditions.ofSpan(filter.condition());
    List<FieldSql> by =
        function.by().stream()
            .flatMap(field -> FieldSql.of(field, schema.attributes()).stream())
            .toList();
    Field measured = SpanGroups.measured(function);
    FieldSql of =
        measured == null ? null : FieldSql.ofNumber(measured, schema.attributes()).orElse(null);
    if (!implied.isExact()
        || by.size() < function.by().size()
        || (measured == null) != (of == null)) {
      return Optional.empty();
    }
    return Optional.of(new SqlGroups(schema, implied.necessary(), by, of, bucket(function)));
  }

  private static @Nullable Function<String, String> bucket(MetricsFunction function) {
    return function instanceof MetricsFunction.Quantiles
        ? Buckets::narrowSql
        : function instanceof MetricsFunction.Histogram ? Buckets::powerOfTwoSql : null;
  }

  /** Fills the groups with the spans of a dataset that start in one of the steps. */
  void fill(
      QueryScope scope, TraceTable table, Dataset dataset, TimeSteps steps, SpanGroups groups) {
    TimeRange range = new TimeRange(steps.startUnixNano() + 1, steps.endUnixNano());
    Set<String> shown =
        new HashSet<>(Set.of("trace_id", "span_id", "span_kind_number", "start_time_unix_nano"));
    by.forEach(field -> shown.addAll(field.columns()));
    if (of != null) {
      shown.addAll(of.columns());
    }
    Set<String> read = new HashSet<>(shown);
    read.addAll(RowFilter.columns(schema, where));
    try (TraceTable.View view = table.open(scope, dataset, List.copyOf(shown), where, range, null);
        TraceRows rows = view.rows(read)) {
      if (rows.sources().isEmpty()) {
        return;
      }
      Sql filter = RowFilter.of(schema, where, range);
      Sql spans = once(rows, filter, spans(rows, filter, steps));
      boolean sightings = groups.wantsSightings();
      rows.query(
          new Sql(aggregation(spans.text(), sightings), spans.params()),
          (batch, visible) -> new Reader(batch, sightings).read(groups));
    }
  }

  /**
   * The spans without copies, from a client that sent one twice. There are few, if any: to compare
   * all rows takes many times longer than to find the ids of those to compare.
   *
   * @param spans every row
   */
  private static Sql once(TraceRows rows, Sql filter, String spans) {
    Set<String> repeated = repeatedIds(rows, filter);
    if (repeated.isEmpty()) {
      return new Sql(spans, filter.params());
    }
    if (repeated.size() > MAX_REPEATED) {
      return new Sql(compared(spans), filter.params());
    }
    List<Object> params = new ArrayList<>(filter.params());
    List<String> ids = new ArrayList<>();
    for (String id : repeated) {
      params.add(id);
      ids.add("$" + params.size());
    }
    String some = "\"span_id\" IN (%s)".formatted(String.join(", ", ids));
    String apart =
        "(SELECT * FROM %1$s WHERE NOT (%2$s) UNION ALL SELECT * FROM %3$s)"
            .formatted(spans, some, compared("(SELECT * FROM %s WHERE %s)".formatted(spans, some)));
    return new Sql(apart, params);
  }

  /**
   * The ids that rows with one kind have in common, but no more than just above {@link
   * #MAX_REPEATED}. The rows are taken for copies until they are looked at: ids are random.
   */
  private static Set<String> repeatedIds(TraceRows rows, Sql filter) {
    String key = "\"span_id\", \"span_kind_number\"";
    String repeated =
        "SELECT \"span_id\" FROM %1$s GROUP BY %2$s HAVING count(*) > 1 LIMIT %3$d"
            .formatted(union(rows, filter, key), key, MAX_REPEATED + 1);
    Set<String> ids = new HashSet<>();
    rows.query(
        new Sql(repeated, filter.params()),
        (batch, visible) -> {
          for (int row = 0; row < batch.getRowCount(); row++) {
            ids.add(batch.getVector("span_id").getObject(row).toString());
          }
        });
    return ids;
  }

  /** One of the rows that have trace id, span id and kind in common. */
  private static String compared(String spans) {
    return ("(SELECT * EXCEPT (\"copy\") FROM (SELECT *, row_number() OVER (PARTITION BY %s) AS"
            + " \"copy\" FROM %s) WHERE \"copy\" = 1)")
        .formatted(IDENTITY, spans);
  }

  /** Every span with its step and all that is grouped by and measured. */
  private String spans(TraceRows rows, Sql filter, TimeSteps steps) {
    List<String> columns = new ArrayList<>();
    columns.add(IDENTITY);
    columns.add("\"start_time_unix_nano\"");
    columns.add(
        "(\"start_time_unix_nano\" - %d) / %d AS \"step\""
            .formatted(steps.startUnixNano() + 1, steps.stepNanos()));
    for (int i = 0; i < by.size(); i++) {
      columns.add("%s AS \"g%d\"".formatted(by.get(i).value(), i));
      if (by.get(i).type() != null) {
        columns.add("%s AS \"t%d\"".formatted(by.get(i).type(), i));
      }
    }
    if (of != null) {
      columns.add("%s AS \"v\"".formatted(of.value()));
    }
    return union(rows, filter, String.join(", ", columns));
  }

  private static String union(TraceRows rows, Sql filter, String columns) {
    return rows.sources().stream()
        .map(
            source ->
                "SELECT %s FROM %s%s"
                    .formatted(columns, source.table(), source.filtered() ? "" : filter.text()))
        .collect(Collectors.joining(" UNION ALL ", "(", ")"));
  }

  private String aggregation(String spans, boolean sightings) {
    List<String> keys = new ArrayList<>(List.of("\"step\""));
    for (int i = 0; i < by.size(); i++) {
      keys.add("\"g%d\"".formatted(i));
      if (by.get(i).type() != null) {
        keys.add("\"t%d\"".formatted(i));
      }
    }
    List<String> selected = new ArrayList<>(keys);
    selected.add("count(*) AS \"count\"");
    if (of != null) {
      selected.add("min(\"v\") AS \"min\", max(\"v\") AS \"max\", sum(\"v\") AS \"sum\"");
    }
    if (sightings) {
      selected.add("first_value(\"trace_id\") AS \"trace_id\"");
      selected.add("first_value(\"start_time_unix_nano\") AS \"start\"");
      if (of != null) {
        selected.add("first_value(\"v\") AS \"value\"");
      }
    }
    if (bucket != null) {
      keys.add(bucket.apply("\"v\""));
    }
    return "SELECT %s FROM %s%s GROUP BY %s"
        .formatted(
            String.join(", ", selected),
            spans,
            of == null ? "" : " WHERE \"v\" IS NOT NULL",
            String.join(", ", keys));
  }

  /** Reads a batch of the aggregation. */
  private final class Reader {
    private final VectorSchemaRoot batch;
    private final boolean sightings;

    Reader(VectorSchemaRoot batch, boolean sightings) {
      this.batch = batch;
      this.sightings = sightings;
    }

    void read(SpanGroups groups) {
      BigIntVector steps = (BigIntVector) batch.getVector("step");
      for (int row = 0; row < batch.getRowCount(); row++) {
        groups.add(
            group(row), (int) steps.get(row), measurement(row), sightings ? sighting(row) : null);
      }
    }

    private List<Value> group(int row) {
      List<Value> group = new ArrayList<>();
      for (int i = 0; i < by.size(); i++) {
        FieldVector values = batch.getVector("g" + i);
        FieldVector types = batch.getVector("t" + i);
        group.add(by.get(i).decoder().decode(values, types, row));
      }
      return group;
    }

    private Measurement measurement(int row) {
      long count = ((BigIntVector) batch.getVector("count")).get(row);
      return of == null
          ? new Measurement(count, Double.NaN, Double.NaN, Double.NaN)
          : new Measurement(count, real("min", row), real("max", row), real("sum", row));
    }

    private Sighting sighting(int row) {
      return new Sighting(
          batch.getVector("trace_id").getObject(row).toString(),
          ((BigIntVector) batch.getVector("start")).get(row),
          of == null ? Double.NaN : real("value", row));
    }

    private double real(String column, int row) {
      return ((Float8Vector) batch.getVector(column)).get(row);
    }
  }
}
