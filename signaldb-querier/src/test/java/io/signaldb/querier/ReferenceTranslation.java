package io.signaldb.querier;

import io.signaldb.querier.ReferenceQuery.Aggregate;
import io.signaldb.querier.ReferenceQuery.Expression;
import io.signaldb.querier.ReferenceQuery.Group;
import io.signaldb.querier.ReferenceQuery.Seen;
import io.signaldb.querier.ReferenceQuery.Stage;
import io.signaldb.querier.ReferenceValues.Time;
import io.signaldb.querier.ReferenceValues.Word;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Arithmetic;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Comparison;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.FieldExpression.Literal;
import io.signaldb.querier.traceql.FieldExpression.Logical;
import io.signaldb.querier.traceql.FieldExpression.Negative;
import io.signaldb.querier.traceql.FieldExpression.Not;
import io.signaldb.querier.traceql.FieldExpression.Presence;
import io.signaldb.querier.traceql.FieldExpression.RegexMatch;
import io.signaldb.querier.traceql.ScalarExpression;
import io.signaldb.querier.traceql.SpansetExpression;
import io.signaldb.querier.traceql.Value;
import io.signaldb.querier.traceql.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a reference query of what the parser understood: the two have the text's meaning as a tree
 * in common and nothing of how it is evaluated.
 */
final class ReferenceTranslation {
  private ReferenceTranslation() {}

  static Stage stage(SpansetExpression expression) {
    if (expression instanceof SpansetExpression.Filter filter) {
      return ReferenceQuery.filter(expression(filter.condition()));
    }
    if (expression instanceof SpansetExpression.Combination sides) {
      return ReferenceQuery.combined(stage(sides.left()), sides.both(), stage(sides.right()));
    }
    if (expression instanceof SpansetExpression.Structural sides) {
      return ReferenceQuery.structural(
          stage(sides.left()),
          sides.form().sign(),
          sides.relation().symbol(),
          stage(sides.right()));
    }
    if (expression instanceof SpansetExpression.ScalarFilter filter) {
      return having(filter);
    }
    if (expression instanceof SpansetExpression.GroupBy by) {
      return ReferenceQuery.grouped(expression(by.key()));
    }
    if (expression instanceof SpansetExpression.Coalesce) {
      return ReferenceQuery.coalesced();
    }
    if (expression instanceof SpansetExpression.Select) {
      return (trace, groups) -> groups;
    }
    List<Stage> stages =
        ((SpansetExpression.Pipeline) expression)
            .stages().stream().map(ReferenceTranslation::stage).toList();
    return (trace, groups) -> {
      List<Group> results = groups;
      for (Stage stage : stages) {
        results = stage.apply(trace, results);
      }
      return results;
    };
  }

  /** A number of a group. */
  private interface Scalar {
    @Nullable Object of(ReferenceTrace trace, Group group);
  }

  private static Stage having(SpansetExpression.ScalarFilter filter) {
    Scalar left = scalar(filter.left());
    Scalar right = scalar(filter.right());
    String operator = filter.operator().symbol();
    List<Stage> pipelines =
        Stream.concat(filter.left().pipelines(), filter.right().pipelines())
            .map(ReferenceTranslation::stage)
            .toList();
    return (trace, groups) -> {
      List<Group> results = new ArrayList<>();
      for (Group group : groups) {
        if (ReferenceValues.compare(
            left.of(trace, group), operator, right.of(trace, group), false)) {
          results.add(pipelines.isEmpty() ? group : selected(trace, group, pipelines));
        }
      }
      return results.stream().filter(group -> !group.spans().isEmpty()).toList();
    };
  }

  private static Group selected(ReferenceTrace trace, Group group, List<Stage> pipelines) {
    List<List<TestSpan>> parts =
        pipelines.stream().map(stage -> ReferenceQuery.spans(trace, group, stage)).toList();
    return new Group(
        group.spans().stream()
            .filter(span -> parts.stream().anyMatch(part -> part.contains(span)))
            .toList(),
        group.known());
  }

  private static Scalar scalar(ScalarExpression expression) {
    if (expression instanceof ScalarExpression.Constant constant) {
      Object value = value(constant.value());
      return (trace, group) -> value;
    }
    if (expression instanceof ScalarExpression.Calculation calculation) {
      Scalar left = scalar(calculation.left());
      Scalar right = scalar(calculation.right());
      return (trace, group) ->
          ReferenceValues.calculate(
              left.of(trace, group), calculation.operator().symbol(), right.of(trace, group));
    }
    if (expression instanceof ScalarExpression.OfPipeline ofPipeline) {
      Stage stage = stage(ofPipeline.pipeline());
      Scalar scalar = scalar(ofPipeline.scalar());
      return (trace, group) ->
          scalar.of(trace, new Group(ReferenceQuery.spans(trace, group, stage), group.known()));
    }
    ScalarExpression.Aggregate aggregate = (ScalarExpression.Aggregate) expression;
    FieldExpression of = aggregate.of();
    return new Aggregate(
            aggregate.text(), aggregate.function().word(), of == null ? null : expression(of))
        ::value;
  }

  static Expression expression(FieldExpression expression) {
    return new Expression(expression.text(), seen -> value(expression, seen));
  }

  private static @Nullable Object value(FieldExpression expression, Seen seen) {
    if (expression instanceof Literal literal) {
      return value(literal.value());
    }
    if (expression instanceof Attribute attribute) {
      return seen.attribute(attribute.scope().prefix(), attribute.key());
    }
    if (expression instanceof IntrinsicField field) {
      return seen.trace()
          .intrinsic(field.intrinsic().displayName(), seen.span(), seen.event(), seen.link());
    }
    if (expression instanceof Arithmetic sides) {
      return ReferenceValues.calculate(
          value(sides.left(), seen), sides.operator().symbol(), value(sides.right(), seen));
    }
    if (expression instanceof Negative negative) {
      return ReferenceValues.calculate(0L, "-", value(negative.operand(), seen));
    }
    if (expression instanceof Comparison sides) {
      boolean strict =
          (isStored(sides.left()) && !isCalculated(sides.right()))
              || (isStored(sides.right()) && !isCalculated(sides.left()));
      return ReferenceValues.compare(
          value(sides.left(), seen), sides.operator().symbol(), value(sides.right(), seen), strict);
    }
    if (expression instanceof RegexMatch match) {
      return ReferenceValues.matches(
          value(match.field(), seen), match.regex().expression(), match.negated());
    }
    if (expression instanceof Presence presence) {
      return (value(presence.field(), seen) != null) == presence.present();
    }
    if (expression instanceof Logical logical) {
      Stream<Boolean> truths =
          logical.operands().stream()
              .map(operand -> Boolean.TRUE.equals(ReferenceValues.truth(value(operand, seen))));
      return logical.conjunction() ? truths.allMatch(t -> t) : truths.anyMatch(t -> t);
    }
    Boolean truth = ReferenceValues.truth(value(((Not) expression).operand(), seen));
    return truth == null ? null : !truth;
  }

  private static boolean isStored(FieldExpression expression) {
    return expression.type() == ValueType.ATTRIBUTE;
  }

  private static boolean isCalculated(FieldExpression expression) {
    return expression instanceof Arithmetic || expression instanceof Negative;
  }

  private static @Nullable Object value(Value value) {
    if (value instanceof Value.Text text) {
      return text.text();
    }
    if (value instanceof Value.Int integer) {
      return integer.number();
    }
    if (value instanceof Value.Real real) {
      return real.number();
    }
    if (value instanceof Value.Nanos nanos) {
      return new Time(nanos.nanos());
    }
    if (value instanceof Value.Bool bool) {
      return bool.truth();
    }
    if (value instanceof Value.Status || value instanceof Value.Kind) {
      return new Word(value.literal());
    }
    throw new IllegalArgumentException("The reference knows no " + value);
  }
}
