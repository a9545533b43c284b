package io.signaldb.querier.trace;

import io.signaldb.common.scan.ComparisonOperator;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Literal;
import io.signaldb.common.scan.Operand;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.Value;
import io.signaldb.querier.traceql.ValueType;
import java.util.List;
import java.util.stream.IntStream;

/** Comparisons of a stored value that is no array with a constant, as the engine makes them. */
final class SimpleComparison {
  private SimpleComparison() {}

  static Implied of(Field field, Operand operand, ComparisonOperator operator, Value value) {
    if (field.type() != ValueType.ATTRIBUTE) {
      return ofIntrinsic(operand, operator, value);
    }
    boolean always = field instanceof Attribute || value instanceof Value.Text;
    return always ? ofAttribute(operand, operator, value) : Implied.FALSE; // the parent's id
  }

  private static Implied ofIntrinsic(Operand column, ComparisonOperator operator, Value value) {
    if (value instanceof Value.Status status) {
      return enumerated(column, operator, status.number(), Value.Status.values().length);
    }
    if (value instanceof Value.Kind kind) {
      return enumerated(column, operator, kind.number(), Value.Kind.values().length);
    }
    return value instanceof Value.Real ? Implied.NOTHING : ofAttribute(column, operator, value);
  }

  /** A number that is none of those known counts as 0. */
  private static Implied enumerated(
      Operand column, ComparisonOperator operator, int number, int known) {
    List<Literal> others = IntStream.range(1, known).<Literal>mapToObj(Literal.Int::new).toList();
    Condition is =
        number == 0
            ? new Condition.Not(new Condition.In(column, others))
            : new Condition.Compare(column, ComparisonOperator.EQUAL, new Literal.Int(number));
    return Implied.exactly(operator == ComparisonOperator.EQUAL ? is : new Condition.Not(is), 1);
  }

  private static Implied ofAttribute(Operand operand, ComparisonOperator operator, Value value) {
    if (value instanceof Value.Text text) {
      return exactly(operand, operator, new Literal.Text(text.text()));
    }
    if (value instanceof Value.Bool bool) {
      return exactly(operand, operator, new Literal.Bool(bool.truth()));
    }
    if (value instanceof Value.Int integer) {
      return exactly(operand, operator, new Literal.Int(integer.number()));
    }
    if (value instanceof Value.Real real) {
      return ofReal(operand, operator, real.number());
    }
    if (value instanceof Value.Nanos nanos) {
      Implied ofInteger = exactly(operand, operator, new Literal.Int(nanos.nanos()));
      return operand instanceof Operand.ColumnRef
          ? ofInteger
          : Implied.any(List.of(ofInteger, ofReal(operand, operator, (double) nanos.nanos())));
    }
    return Implied.FALSE;
  }

  /**
   * The engine orders floats by their bits: −0 before 0, and what is not a number before or behind
   * all others. For TraceQL the zeros are equal, and nothing compares with what is not a number.
   */
  private static Implied ofReal(Operand operand, ComparisonOperator operator, double number) {
    boolean zero = number == 0;
    double least = zero ? -0.0 : number;
    double greatest = zero ? 0.0 : number;
    return switch (operator) {
      case EQUAL ->
          zero
              ? Implied.all(
                  List.of(
                      real(operand, ComparisonOperator.GREATER_OR_EQUAL, least),
                      real(operand, ComparisonOperator.LESS_OR_EQUAL, greatest)))
              : real(operand, operator, number);
      case NOT_EQUAL ->
          zero
              ? Implied.any(
                  List.of(
                      real(operand, ComparisonOperator.LESS, least),
                      real(operand, ComparisonOperator.GREATER, greatest)))
              : real(operand, operator, number);
      case LESS -> below(real(operand, operator, least), operand);
      case LESS_OR_EQUAL -> below(real(operand, operator, greatest), operand);
      case GREATER -> above(real(operand, operator, greatest), operand);
      case GREATER_OR_EQUAL -> above(real(operand, operator, least), operand);
    };
  }

  private static Implied below(Implied comparison, Operand operand) {
    return finite(
        comparison, real(operand, ComparisonOperator.GREATER_OR_EQUAL, -Double.MAX_VALUE));
  }

  private static Implied above(Implied comparison, Operand operand) {
    return finite(comparison, real(operand, ComparisonOperator.LESS_OR_EQUAL, Double.MAX_VALUE));
  }

  private static Implied finite(Implied comparison, Implied bound) {
    return new Implied(
        comparison.necessary(), Implied.all(List.of(comparison, bound)).sufficient(), 1);
  }

  private static Implied real(Operand operand, ComparisonOperator operator, double number) {
    return exactly(operand, operator, new Literal.Real(number));
  }

  private static Implied exactly(Operand operand, ComparisonOperator operator, Literal literal) {
    return Implied.exactly(new Condition.Compare(operand, operator, literal), 1);
  }
}
