package io.signaldb.querier.tag;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.scan.ComparisonOperator;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Distinct;
import io.signaldb.common.scan.Literal;
import io.signaldb.common.scan.Operand;
import io.signaldb.querier.tag.TagTable.Pair;
import io.signaldb.querier.trace.SpanConditions;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.TraceQl;
import io.signaldb.querier.traceql.TraceQlException;
import io.signaldb.querier.traceql.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a tag are.
 *
 * @param keywords the values that every such tag has
 * @param stored what to read; null for a tag whose stored values are not listed, because there are
 *     too many or they are the keywords
 * @param where on the spans that count, null for all
 */
record TagField(List<Pair> keywords, @Nullable Distinct stored, @Nullable Condition where) {
  private static final Condition IS_ROOT =
      new Condition.Compare(
          new Operand.ColumnRef("is_root"), ComparisonOperator.EQUAL, new Literal.Bool(true));

  /**
   * The place of a tag's values.
   *
   * @param tag a TraceQL identifier
   * @param limit most values
   * @throws SignalDbException INVALID_ARGUMENT for a tag that is no TraceQL field
   */
  static TagField of(String tag, int limit) {
    FieldExpression.Field field = parse(tag);
    if (field instanceof Attribute attribute) {
      return stored(
          new Distinct.AttributeValues(
              SpanConditions.scopes(attribute.scope()).toList(), attribute.key(), limit));
    }
    Intrinsic intrinsic = ((IntrinsicField) field).intrinsic();
    return switch (intrinsic) {
      case STATUS -> keywords(Arrays.stream(Value.Status.values()).map(Value.Status::literal));
      case KIND -> keywords(Arrays.stream(Value.Kind.values()).map(Value.Kind::literal));
      case NAME -> stored(new Distinct.ColumnValues(null, "span_name", limit));
      case STATUS_MESSAGE -> stored(new Distinct.ColumnValues(null, "status_message", limit));
      case SCOPE_NAME -> stored(new Distinct.ColumnValues(null, "scope_name", limit));
      case SCOPE_VERSION -> stored(new Distinct.ColumnValues(null, "scope_version", limit));
      case ROOT_NAME ->
          new TagField(List.of(), new Distinct.ColumnValues(null, "span_name", limit), IS_ROOT);
      case ROOT_SERVICE_NAME ->
          new TagField(List.of(), new Distinct.ColumnValues(null, "service_name", limit), IS_ROOT);
      case EVENT_NAME -> stored(new Distinct.ColumnValues("events", "name", limit));
      case DURATION,
          TRACE_DURATION,
          SPAN_ID,
          PARENT_ID,
          PARENT,
          TRACE_ID,
          CHILD_COUNT,
          NESTED_SET_LEFT,
          NESTED_SET_RIGHT,
          NESTED_SET_PARENT,
          EVENT_TIME_SINCE_START,
          LINK_TRACE_ID,
          LINK_SPAN_ID ->
          new TagField(List.of(), null, null);
    };
  }

  private static TagField stored(Distinct stored) {
    return new TagField(List.of(), stored, null);
  }

  private static TagField keywords(Stream<String> words) {
    return new TagField(words.map(word -> new Pair("keyword", word)).toList(), null, null);
  }

  private static FieldExpression.Field parse(String tag) {
    try {
      return TraceQl.parseField(tag);
    } catch (TraceQlException e) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT, "Invalid tag '%s': %s".formatted(tag, e.getMessage()), e);
    }
  }
}
