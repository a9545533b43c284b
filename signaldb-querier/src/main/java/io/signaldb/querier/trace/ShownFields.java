package io.signaldb.querier.trace;

import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Query;
import io.signaldb.querier.traceql.SpanView;
import io.signaldb.querier.traceql.SpansetExpression;
import io.signaldb.querier.traceql.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a search shows of a span: the fields that its query asks about. Of events and links that is
 * the value of one that fulfils the condition; of several, as with Tempo, that of the last.
 */
public final class ShownFields {
  /** Intrinsics that have a place of their own in the result. */
  private static final Set<Intrinsic> SHOWN_ANYWAY =
      Set.of(
          Intrinsic.NAME,
          Intrinsic.DURATION,
          Intrinsic.SPAN_ID,
          Intrinsic.TRACE_ID,
          Intrinsic.TRACE_DURATION,
          Intrinsic.ROOT_NAME,
          Intrinsic.ROOT_SERVICE_NAME);

  private final List<Field> ofSpan;
  private final List<Field> ofElements;
  private final List<FieldExpression> conditions;

  private ShownFields(List<Field> fields, List<FieldExpression> conditions) {
    this.ofSpan = fields.stream().filter(field -> !isOfElement(field)).toList();
    this.ofElements = fields.stream().filter(ShownFields::isOfElement).toList();
    this.conditions = conditions;
  }

  static ShownFields of(Query.Search query) {
    return new ShownFields(
        query.fields().stream().filter(field -> !isShownAnyway(field)).toList(),
        conditions(query.spansets())
            .filter(condition -> condition.fields().anyMatch(ShownFields::isOfElement))
            .toList());
  }

  private static boolean isShownAnyway(Field field) {
    return field instanceof IntrinsicField intrinsic
        && SHOWN_ANYWAY.contains(intrinsic.intrinsic());
  }

  private static boolean isOfElement(Field field) {
    return field.isOfEvent() || field.isOfLink();
  }

  /** Of all filters in the query. */
  private static Stream<FieldExpression> conditions(SpansetExpression expression) {
    if (expression instanceof SpansetExpression.Filter filter) {
      return Stream.of(filter.condition());
    }
    if (expression instanceof SpansetExpression.Combination sides) {
      return Stream.concat(conditions(sides.left()), conditions(sides.right()));
    }
    if (expression instanceof SpansetExpression.Structural sides) {
      return Stream.concat(conditions(sides.left()), conditions(sides.right()));
    }
    if (expression instanceof SpansetExpression.Pipeline pipeline) {
      return pipeline.stages().stream().flatMap(ShownFields::conditions);
    }
    if (expression instanceof SpansetExpression.ScalarFilter filter) {
      return Stream.concat(filter.left().pipelines(), filter.right().pipelines())
          .flatMap(ShownFields::conditions);
    }
    return Stream.empty();
  }

  /** The fields that the span has, by the names that results give them. */
  Map<String, Value> values(Span span) {
    Map<String, Value> values = new LinkedHashMap<>();
    for (Field field : ofSpan) {
      addTo(values, field, field.evaluate(span));
    }
    if (!ofElements.isEmpty()) {
      for (Field field : ofElements) {
        addTo(values, field, last(field, matching(span, field)));
        addTo(values, field, last(field, matching(span, null)));
        addTo(values, field, last(field, span.views(field.isOfEvent(), field.isOfLink())));
      }
    }
    return values;
  }

  private static void addTo(Map<String, Value> values, Field field, Value value) {
    if (value != Value.NIL) {
      values.putIfAbsent(field.displayName(), value);
    }
  }

  /**
   * The span as seen from the events and links that fulfil a condition.
   *
   * @param about what the conditions ask about; null for all conditions
   */
  private List<SpanView> matching(Span span, @Nullable Field about) {
    List<SpanView> matching = new ArrayList<>();
    for (FieldExpression condition : conditions) {
      if (about == null || condition.fields().anyMatch(about::equals)) {
        span
            .views(
                condition.fields().anyMatch(Field::isOfEvent),
                condition.fields().anyMatch(Field::isOfLink))
            .stream()
            .filter(condition::matches)
            .forEach(matching::add);
      }
    }
    return matching;
  }

  private static Value last(Field field, List<? extends SpanView> views) {
    Value last = Value.NIL;
    for (SpanView view : views) {
      Value value = field.evaluate(view);
      last = value == Value.NIL ? last : value;
    }
    return last;
  }
}
