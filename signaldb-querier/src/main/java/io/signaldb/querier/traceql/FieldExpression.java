package io.signaldb.querier.traceql;

import java.util.List;
import java.util.stream.Stream;

/** What stands between the braces of a spanset filter: evaluated for one span. */
public sealed interface FieldExpression {
  /** Static type; {@link ValueType#ATTRIBUTE} where only the span tells. */
  ValueType type();

  /** The fields the value depends on, in the order of the text, repeated if named repeatedly. */
  Stream<Field> fields();

  /** The value for {@code span}; {@link Value#NIL} where it has none. */
  Value evaluate(SpanView span);

  /** True only if the value is the boolean true. */
  default boolean matches(SpanView span) {
    return evaluate(span) instanceof Value.Bool bool && bool.truth();
  }

  /** A named value of the span. */
  sealed interface Field extends FieldExpression {
    @Override
    default Stream<Field> fields() {
      return Stream.of(this);
    }

    /** The name in results: unscoped, as Tempo shows it. */
    String displayName();
  }

  /** An attribute. */
  record Attribute(Scope scope, String key) implements Field {
    @Override
    public ValueType type() {
      return ValueType.ATTRIBUTE;
    }

    @Override
    public Value evaluate(SpanView span) {
      if (scope != Scope.ANY) {
        return span.attribute(scope, key);
      }
      Value own = span.attribute(Scope.SPAN, key);
      return own == Value.NIL ? span.attribute(Scope.RESOURCE, key) : own;
    }

    @Override
    public String displayName() {
      return key;
    }
  }

  /** A field every span has. */
  record IntrinsicField(Intrinsic intrinsic) implements Field {
    @Override
    public ValueType type() {
      return intrinsic.type();
    }

    @Override
    public Value evaluate(SpanView span) {
      return span.intrinsic(intrinsic);
    }

    @Override
    public String displayName() {
      return intrinsic.displayName();
    }
  }

  /** A constant of the query. */
  record Literal(Value value) implements FieldExpression {
    @Override
    public ValueType type() {
      return value.type();
    }

    @Override
    public Stream<Field> fields() {
      return Stream.empty();
    }

    @Override
    public Value evaluate(SpanView span) {
      return value;
    }
  }

  /**
   * Compares two values. An attribute compares with a literal by its stored type: {@code 1} finds
   * integers and {@code 1.0} floats. Every operator, {@code !=} too, holds only where both sides
   * have values of one type.
   */
  record Comparison(FieldExpression left, ComparisonOperator operator, FieldExpression right)
      implements BooleanExpression {
    @Override
    public Stream<Field> fields() {
      return Stream.concat(left.fields(), right.fields());
    }

    @Override
    public boolean matches(SpanView span) {
      boolean byStoredType =
          left.type() == ValueType.ATTRIBUTE || right.type() == ValueType.ATTRIBUTE;
      return Comparisons.holds(left.evaluate(span), operator, right.evaluate(span), byStoredType);
    }
  }

  /**
   * {@code field = nil} or {@code field != nil}.
   *
   * @param present true for {@code != nil}
   */
  record Presence(Attribute field, boolean present) implements BooleanExpression {
    @Override
    public Stream<Field> fields() {
      return field.fields();
    }

    @Override
    public boolean matches(SpanView span) {
      return (field.evaluate(span) != Value.NIL) == present;
    }
  }

  /** Tests a string against a regular expression; a value that is no string passes neither form. */
  record RegexMatch(FieldExpression field, Regex regex, boolean negated)
      implements BooleanExpression {
    @Override
    public Stream<Field> fields() {
      return field.fields();
    }

    @Override
    public boolean matches(SpanView span) {
      return field.evaluate(span) instanceof Value.Text text
          && regex.matches(text.text()) != negated;
    }
  }

  /**
   * {@code &&} or {@code ||} over two or more operands.
   *
   * @param conjunction true for {@code &&}
   */
  record Logical(boolean conjunction, List<FieldExpression> operands) implements BooleanExpression {
    public Logical {
      operands = List.copyOf(operands);
    }

    @Override
    public Stream<Field> fields() {
      return operands.stream().flatMap(FieldExpression::fields);
    }

    @Override
    public boolean matches(SpanView span) {
      for (FieldExpression operand : operands) {
        if (operand.matches(span) != conjunction) {
          return !conjunction;
        }
      }
      return conjunction;
    }
  }

  /** {@code !}; of an attribute that is not a boolean it has no value. */
  record Not(FieldExpression operand) implements FieldExpression {
    @Override
    public ValueType type() {
      return ValueType.BOOLEAN;
    }

    @Override
    public Stream<Field> fields() {
      return operand.fields();
    }

    @Override
    public Value evaluate(SpanView span) {
      return operand.evaluate(span) instanceof Value.Bool bool
          ? Value.Bool.of(!bool.truth())
          : Value.NIL;
    }
  }

  /** An expression that is true or false of every span. */
  sealed interface BooleanExpression extends FieldExpression {
    @Override
    default ValueType type() {
      return ValueType.BOOLEAN;
    }

    @Override
    default Value evaluate(SpanView span) {
      return Value.Bool.of(matches(span));
    }

    @Override
    boolean matches(SpanView span);
  }
}
