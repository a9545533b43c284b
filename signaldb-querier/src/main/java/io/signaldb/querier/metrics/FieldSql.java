package io.signaldb.querier.metrics;

import io.signaldb.common.scan.SqlRenderer;
import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.common.schema.AttributeLocation;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.querier.trace.SpanConditions;
import io.signaldb.querier.trace.StructuredValue;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Value;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.jspecify.annotations.Nullable;

/**
 * A field whose value the row of the span tells, as SQL over storage columns.
 *
 * @param value expression of the value, or of its text
 * @param type expression of the position of the value's type in {@link #TYPES}, null without a
 *     value; itself null for fields of one type
 * @param columns the storage columns of both
 * @param decoder makes the field's value of the cells of value and type
 */
record FieldSql(String value, @Nullable String type, Set<String> columns, Decoder decoder) {
  private static final List<AttributeType> TYPES = List.of(AttributeType.values());

  /** Reads what the expressions evaluate to. */
  interface Decoder {
    Value decode(FieldVector values, @Nullable FieldVector types, int row);
  }

  /** Empty for a field that takes more than the row. */
  static Optional<FieldSql> of(Field field, AttributeColumns columns) {
    if (field instanceof IntrinsicField intrinsic) {
      return ofIntrinsic(intrinsic.intrinsic());
    }
    Attribute attribute = (Attribute) field;
    return isOfRow(attribute) ? Optional.of(ofAttribute(attribute, columns)) : Optional.empty();
  }

  /**
   * Of a number, with the value as a double, null where there is no number; durations in
   * nanoseconds.
   */
  static Optional<FieldSql> ofNumber(Field field, AttributeColumns columns) {
    if (field instanceof IntrinsicField intrinsic) {
      return intrinsic.intrinsic() == Intrinsic.DURATION
          ? Optional.of(number("CAST(\"duration_nanos\" AS DOUBLE)", Set.of("duration_nanos")))
          : Optional.empty();
    }
    Attribute attribute = (Attribute) field;
    return isOfRow(attribute)
        ? Optional.of(number(numberSql(attribute, columns), columns(attribute, columns)))
        : Optional.empty();
  }

  private static FieldSql number(String value, Set<String> columns) {
    return new FieldSql(
        value,
        null,
        columns,
        (values, types, row) -> {
          throw new IllegalStateException("A number that is measured is no part of a group");
        });
  }

  private static boolean isOfRow(Attribute attribute) {
    return !attribute.isOfEvent() && !attribute.isOfLink() && !attribute.scope().isOfParent();
  }

  private static Optional<FieldSql> ofIntrinsic(Intrinsic intrinsic) {
    return switch (intrinsic) {
      case NAME -> text("span_name");
      case STATUS_MESSAGE -> text("status_message");
      case SCOPE_NAME -> text("scope_name");
      case SCOPE_VERSION -> text("scope_version");
      case SPAN_ID -> text("span_id");
      case PARENT_ID -> text("parent_span_id");
      case TRACE_ID -> text("trace_id");
      case DURATION ->
          column(
              "duration_nanos", (values, row) -> new Value.Nanos(((BigIntVector) values).get(row)));
      case STATUS ->
          column(
              "status_code_number", (values, row) -> constant(Value.Status.values(), values, row));
      case KIND ->
          column("span_kind_number", (values, row) -> constant(Value.Kind.values(), values, row));
      case PARENT,
          TRACE_DURATION,
          ROOT_NAME,
          ROOT_SERVICE_NAME,
          CHILD_COUNT,
          NESTED_SET_LEFT,
          NESTED_SET_RIGHT,
          NESTED_SET_PARENT,
          EVENT_NAME,
          EVENT_TIME_SINCE_START,
          LINK_TRACE_ID,
          LINK_SPAN_ID ->
          Optional.empty();
    };
  }

  /** A text, where null is the empty one. */
  private static Optional<FieldSql> text(String column) {
    return column(
        column,
        (values, row) ->
            new Value.Text(values.isNull(row) ? "" : values.getObject(row).toString()));
  }

  private static Optional<FieldSql> column(
      String column, BiFunction<FieldVector, Integer, Value> decoder) {
    return Optional.of(
        new FieldSql(
            "\"" + column + "\"",
            null,
            Set.of(column),
            (values, types, row) -> decoder.apply(values, row)));
  }

  /** A number OTLP does not define yet counts as the first constant, as in {@code trace.Span}. */
  private static Value constant(Value[] constants, FieldVector numbers, int row) {
    int number = ((IntVector) numbers).get(row);
    return constants[number >= 0 && number < constants.length ? number : 0];
  }

  private static FieldSql ofAttribute(Attribute attribute, AttributeColumns columns) {
    List<AttributeScope> scopes = SpanConditions.scopes(attribute.scope()).toList();
    String texts =
        scopes.stream()
            .flatMap(
                scope ->
                    TYPES.stream()
                        .map(type -> textSql(stored(scope, attribute, type, columns), type)))
            .collect(Collectors.joining(", ", "coalesce(", ")"));
    String types =
        scopes.stream()
            .flatMap(
                scope ->
                    TYPES.stream()
                        .map(
                            type ->
                                "WHEN %s IS NOT NULL THEN %d"
                                    .formatted(
                                        stored(scope, attribute, type, columns),
                                        TYPES.indexOf(type))))
            .collect(Collectors.joining(" ", "CASE ", " END"));
    return new FieldSql(texts, types, columns(attribute, columns), FieldSql::attributeValue);
  }

  private static Value attributeValue(FieldVector values, @Nullable FieldVector types, int row) {
    if (types == null || types.isNull(row)) {
      return Value.NIL;
    }
    String text = values.getObject(row).toString();
    return switch (TYPES.get((int) ((BigIntVector) types).get(row))) {
      case STRING -> new Value.Text(text);
      case INT -> new Value.Int(Long.parseLong(text));
      case DOUBLE -> new Value.Real(real(text));
      case BOOL -> Value.Bool.of(text.equals("true"));
      case JSON -> StructuredValue.of(text);
    };
  }

  /** The engine's words for what is no finite number are not Java's. */
  private static double real(String text) {
    return switch (text) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private static String textSql(String value, AttributeType type) {
    return switch (type) {
      case STRING, JSON -> value;
      case INT, DOUBLE, BOOL -> "CAST(%s AS VARCHAR)".formatted(value);
    };
  }

  /** Only the first scope with a value of whatever type counts. */
  private static String numberSql(Attribute attribute, AttributeColumns columns) {
    return SpanConditions.scopes(attribute.scope())
        .map(
            scope ->
                TYPES.stream()
                    .map(
                        type -> {
                          String value = stored(scope, attribute, type, columns);
                          return "WHEN %s IS NOT NULL THEN %s"
                              .formatted(value, numberSql(value, type));
                        })
                    .collect(Collectors.joining(" ")))
        .collect(Collectors.joining(" ", "CASE ", " END"));
  }

  private static String numberSql(String value, AttributeType type) {
    return switch (type) {
      case INT -> "CAST(%s AS DOUBLE)".formatted(value);
      case DOUBLE -> "CASE WHEN isnan(%1$s) THEN NULL ELSE %1$s END".formatted(value);
      case STRING, BOOL, JSON -> "CAST(NULL AS DOUBLE)";
    };
  }

  /** An attribute's values of one type; an empty structured value is none. */
  private static String stored(
      AttributeScope scope, Attribute attribute, AttributeType type, AttributeColumns columns) {
    String value = SqlRenderer.sql(columns.locate(scope, attribute.key(), type));
    return type == AttributeType.JSON ? "nullif(%s, '{}')".formatted(value) : value;
  }

  private static Set<String> columns(Attribute attribute, AttributeColumns columns) {
    return SpanConditions.scopes(attribute.scope())
        .flatMap(scope -> columns.locations(scope, attribute.key()).stream())
        .map(AttributeLocation::column)
        .collect(Collectors.toSet());
  }
}
