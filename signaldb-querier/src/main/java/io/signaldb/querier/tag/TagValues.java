package io.signaldb.querier.tag;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.scan.ComparisonOperator;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Literal;
import io.signaldb.common.scan.Operand;
import io.signaldb.common.scan.Sql;
import io.signaldb.common.scan.SqlRenderer;
import io.signaldb.common.schema.AttributeLocation;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.querier.read.Engine;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.RowFilter;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.tag.TagTable.Pair;
import io.signaldb.querier.trace.SpanConditions;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.TraceQl;
import io.signaldb.querier.traceql.TraceQlException;
import io.signaldb.querier.traceql.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/** Lists the values of one attribute or intrinsic. Thread-safe. */
public final class TagValues {
  private static final int DEFAULT_LIMIT = 1000;
  private static final int MAX_LIMIT = 100_000;

  /** Committed spans looked at for one answer. */
  private static final long MAX_ROWS = 20_000_000;

  /** Traces of which Writers send the rows not committed yet. */
  private static final int FRESH_TRACES = 10_000;

  private final TraceTable table;

  public TagValues(TraceTable table) {
    this.table = table;
  }

  /**
   * The values, sorted by type and value, each once. Ids and durations have too many to list: none.
   *
   * @throws SignalDbException INVALID_ARGUMENT for a tag that is no TraceQL field, a limit out of
   *     range, a start after the end
   */
  public TagTable list(QueryScope scope, QueryTicket.TagValues ticket) {
    int limit = Objects.requireNonNullElse(ticket.limit(), DEFAULT_LIMIT);
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid limit %d: expected 1 to %d".formatted(limit, MAX_LIMIT));
    }
    Set<Pair> values = new TreeSet<>(Comparator.comparing(Pair::first).thenComparing(Pair::second));
    FieldExpression.Field field = field(ticket.tag());
    TimeRange range = TimeRange.ofSeconds(ticket.startSeconds(), ticket.endSeconds());
    values.addAll(keywords(field));
    List<Source> sources = sources(field);
    if (!sources.isEmpty()) {
      collect(scope, ticket, sources, range, limit, values);
    }
    return new TagTable("type", "value", values.stream().limit(limit).toList());
  }

  private static FieldExpression.Field field(String tag) {
    try {
      return TraceQl.parseField(tag);
    } catch (TraceQlException e) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT, "Invalid tag '%s': %s".formatted(tag, e.getMessage()), e);
    }
  }

  private static List<Pair> keywords(FieldExpression.Field field) {
    Stream<String> words =
        field.equals(new IntrinsicField(Intrinsic.STATUS))
            ? Arrays.stream(Value.Status.values()).map(Value.Status::literal)
            : field.equals(new IntrinsicField(Intrinsic.KIND))
                ? Arrays.stream(Value.Kind.values()).map(Value.Kind::literal)
                : Stream.of();
    return words.map(word -> new Pair("keyword", word)).toList();
  }

  /**
   * A place that has values.
   *
   * @param type as in the answer
   * @param ofRoots whether only roots count
   */
  private record Source(AttributeLocation location, String type, boolean ofRoots) {
    static Source column(String name, boolean ofRoots) {
      return new Source(new AttributeLocation.InColumn(name), "string", ofRoots);
    }
  }

  private List<Source> sources(FieldExpression.Field field) {
    if (field.isOfEvent() || field.isOfLink()) {
      return List.of();
    }
    if (field instanceof Attribute attribute) {
      List<Source> sources = new ArrayList<>();
      SpanConditions.scopes(attribute.scope())
          .forEach(
              scope -> {
                for (AttributeType type : AttributeType.values()) {
                  if (type != AttributeType.JSON) {
                    sources.add(
                        new Source(
                            table.schema().attributes().locate(scope, attribute.key(), type),
                            name(type),
                            false));
                  }
                }
              });
      return sources;
    }
    return switch (((IntrinsicField) field).intrinsic()) {
      case NAME -> List.of(Source.column("span_name", false));
      case STATUS_MESSAGE -> List.of(Source.column("status_message", false));
      case SCOPE_NAME -> List.of(Source.column("scope_name", false));
      case SCOPE_VERSION -> List.of(Source.column("scope_version", false));
      case ROOT_NAME -> List.of(Source.column("span_name", true));
      case ROOT_SERVICE_NAME -> List.of(Source.column("service_name", true));
      case STATUS,
          KIND,
          DURATION,
          TRACE_DURATION,
          SPAN_ID,
          PARENT_ID,
          PARENT,
          TRACE_ID,
          CHILD_COUNT,
          NESTED_SET_LEFT,
          NESTED_SET_RIGHT,
          NESTED_SET_PARENT,
          EVENT_NAME,
          EVENT_TIME_SINCE_START,
          LINK_TRACE_ID,
          LINK_SPAN_ID ->
          List.of();
    };
  }

  private static String name(AttributeType type) {
    return switch (type) {
      case STRING, JSON -> "string";
      case INT -> "int";
      case DOUBLE -> "float";
      case BOOL -> "bool";
    };
  }

  private void collect(
      QueryScope scope,
      QueryTicket.TagValues ticket,
      List<Source> sources,
      TimeRange range,
      int limit,
      Set<Pair> values) {
    Condition where = where(sources.get(0).ofRoots(), TagFilter.condition(ticket.q()));
    Sql filter = RowFilter.of(table.schema(), where, range);
    try (TraceTable.View view =
        table.open(
            scope,
            new Dataset(ticket.tenantSlug(), ticket.datasetSlug()),
            sources.stream().map(source -> source.location().column()).distinct().toList(),
            where,
            range,
            FRESH_TRACES)) {
      view.fresh(
          (batch, visible) ->
              sources.forEach(source -> freshValues(batch, visible, source, values)));
      for (Source source : sources) {
        String sql =
            "SELECT DISTINCT value FROM (SELECT %s AS value FROM %s%s)"
                    .formatted(SqlRenderer.sql(source.location()), Engine.TABLE, filter.text())
                + " WHERE value IS NOT NULL LIMIT "
                + limit;
        Set<String> columns = new HashSet<>(RowFilter.columns(table.schema(), where));
        columns.add(source.location().column());
        view.newestFirst(
            columns,
            new Sql(sql, filter.params()),
            MAX_ROWS,
            left -> values.size() < limit,
            (batch, visible) -> {
              for (int row = 0; row < batch.getRowCount(); row++) {
                values.add(new Pair(source.type(), text(batch.getVector(0), row)));
              }
            });
      }
    }
  }

  private static @Nullable Condition where(boolean ofRoots, @Nullable Condition filter) {
    if (!ofRoots) {
      return filter;
    }
    Condition root =
        new Condition.Compare(
            new Operand.ColumnRef("is_root"), ComparisonOperator.EQUAL, new Literal.Bool(true));
    return filter == null ? root : new Condition.And(List.of(root, filter));
  }

  private static void freshValues(
      VectorSchemaRoot batch, IntPredicate visible, Source source, Set<Pair> values) {
    FieldVector vector = batch.getVector(source.location().column());
    for (int row = 0; row < batch.getRowCount(); row++) {
      if (vector.isNull(row) || !visible.test(row)) {
        continue;
      }
      if (source.location() instanceof AttributeLocation.InMap entry) {
        MapVector map = (MapVector) vector;
        StructVector entries = (StructVector) map.getDataVector();
        VarCharVector keys = (VarCharVector) entries.getChildByOrdinal(0);
        FieldVector ofKeys = (FieldVector) entries.getChildByOrdinal(1);
        for (int i = map.getElementStartIndex(row); i < map.getElementEndIndex(row); i++) {
          if (keys.getObject(i).toString().equals(entry.key()) && !ofKeys.isNull(i)) {
            values.add(new Pair(source.type(), text(ofKeys, i)));
          }
        }
      } else {
        values.add(new Pair(source.type(), text(vector, row)));
      }
    }
  }

  /** Integers as digits, floats with a point, booleans as words. */
  private static String text(FieldVector vector, int row) {
    return String.valueOf(vector.getObject(row));
  }
}
