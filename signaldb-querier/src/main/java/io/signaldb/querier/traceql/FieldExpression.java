package io.signaldb.querier.traceql;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What stands between the braces of a spanset filter: evaluated for one span. */
public sealed interface FieldExpression {
  /** Static type; {@link ValueType#ATTRIBUTE} where only the span tells. */
  ValueType type();

  /** The fields the value depends on, in the order of the text, repeated if named repeatedly. */
  Stream<Field> fields();

  /** The value for {@code span}; {@link Value#NIL} where it has none. */
  Value evaluate(SpanView span);

  /** The expression as a query writes it, every operation in parentheses but the outermost. */
  String text();

  /** True only if the value is the boolean true. */
  default boolean matches(SpanView span) {
    return Boolean.TRUE.equals(Comparisons.truth(evaluate(span)));
  }

  /** A named value of the span. */
  sealed interface Field extends FieldExpression {
    @Override
    default Stream<Field> fields() {
      return Stream.of(this);
    }

    /** The name in results: unscoped, as Tempo shows it. */
    String displayName();

    /** Whether the value is that of one event of the span. */
    boolean isOfEvent();

    /** Whether the value is that of one link of the span. */
    boolean isOfLink();
  }

  /** An attribute. */
  record Attribute(Scope scope, String key) implements Field {
    @Override
    public ValueType type() {
      return ValueType.ATTRIBUTE;
    }

    @Override
    public Value evaluate(SpanView span) {
      SpanView owner = scope.isOfParent() ? span.parent() : span;
      return owner == null ? Value.NIL : ofSpan(owner, scope.withinSpan());
    }

    private Value ofSpan(SpanView span, Scope within) {
      if (within != Scope.ANY) {
        return span.attribute(within, key);
      }
      Value own = span.attribute(Scope.SPAN, key);
      return own == Value.NIL ? span.attribute(Scope.RESOURCE, key) : own;
    }

    @Override
    public String text() {
      boolean plain = Lexer.isPlainKey(key) && !(scope == Scope.PARENT && Lexer.isScoped(key));
      return scope.prefix() + (plain ? key : StringLiteral.quoteKey(key));
    }

    @Override
    public String displayName() {
      return scope.isOfParent() ? Scope.PARENT.prefix() + key : key;
    }

    @Override
    public boolean isOfEvent() {
      return scope == Scope.EVENT;
    }

    @Override
    public boolean isOfLink() {
      return scope == Scope.LINK;
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
    public String text() {
      return intrinsic.displayName();
    }

    @Override
    public String displayName() {
      return intrinsic.displayName();
    }

    @Override
    public boolean isOfEvent() {
      return intrinsic.isOfEvent();
    }

    @Override
    public boolean isOfLink() {
      return intrinsic.isOfLink();
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

    @Override
    public String text() {
      return value.literal();
    }
  }

  /** Calculates with two numbers; without a value where one of them is missing or no number. */
  record Arithmetic(FieldExpression left, ArithmeticOperator operator, FieldExpression right)
      implements FieldExpression {
    @Override
    public ValueType type() {
      return operator.type(left.type(), right.type());
    }

    @Override
    public Stream<Field> fields() {
      return Stream.concat(left.fields(), right.fields());
    }

    @Override
    public Value evaluate(SpanView span) {
      return operator.apply(left.evaluate(span), right.evaluate(span));
    }

    @Override
    public String text() {
      return "%s %s %s".formatted(operand(left), operator.symbol(), operand(right));
    }
  }

  /** {@code -} in front of a number. */
  record Negative(FieldExpression operand) implements FieldExpression {
    private static final Value ZERO = new Value.Int(0);

    @Override
    public ValueType type() {
      return operand.type() == ValueType.ATTRIBUTE ? ValueType.FLOAT : operand.type();
    }

    @Override
    public Stream<Field> fields() {
      return operand.fields();
    }

    @Override
    public Value evaluate(SpanView span) {
      return of(operand.evaluate(span));
    }

    static Value of(Value number) {
      return ArithmeticOperator.SUBTRACT.apply(ZERO, number);
    }

    @Override
    public String text() {
      return "-" + FieldExpression.operand(operand);
    }
  }

  /**
   * Compares two values. An attribute compares with a literal by its stored type: {@code 1} finds
   * integers and {@code 1.0} floats; with what is calculated it compares by size. Every operator,
   * {@code !=} too, holds only where both sides have values of one type.
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
          (left.type() == ValueType.ATTRIBUTE && !isCalculated(right))
              || (right.type() == ValueType.ATTRIBUTE && !isCalculated(left));
      return Comparisons.holds(left.evaluate(span), operator, right.evaluate(span), byStoredType);
    }

    private static boolean isCalculated(FieldExpression expression) {
      return expression instanceof Arithmetic || expression instanceof Negative;
    }

    @Override
    public String text() {
      return "%s %s %s".formatted(operand(left), operator.symbol(), operand(right));
    }
  }

  /**
   * {@code field = nil} or {@code field != nil}.
   *
   * @param field an attribute or {@link Intrinsic#PARENT}
   * @param present true for {@code != nil}
   */
  record Presence(Field field, boolean present) implements BooleanExpression {
    @Override
    public Stream<Field> fields() {
      return field.fields();
    }

    @Override
    public boolean matches(SpanView span) {
      return (field.evaluate(span) != Value.NIL) == present;
    }

    @Override
    public String text() {
      return field.text() + (present ? " != nil" : " = nil");
    }
  }

  /**
   * Tests a string against a regular expression; a value that is no string passes neither form. Of
   * an array one element has to match, or with {@code !~} none.
   */
  record RegexMatch(FieldExpression field, Regex regex, boolean negated)
      implements BooleanExpression {
    @Override
    public Stream<Field> fields() {
      return field.fields();
    }

    @Override
    public boolean matches(SpanView span) {
      Value value = field.evaluate(span);
      if (value instanceof Value.Array array) {
        return matches(array.elements());
      }
      return value instanceof Value.Text text && regex.matches(text.text()) != negated;
    }

    private boolean matches(List<Value> elements) {
      boolean found =
          elements.stream()
              .anyMatch(value -> value instanceof Value.Text text && regex.matches(text.text()));
      boolean comparable =
          elements.isEmpty() || elements.stream().anyMatch(Value.Text.class::isInstance);
      return negated ? comparable && !found : found;
    }

    @Override
    public String text() {
      return "%s %s %s"
          .formatted(
              operand(field), negated ? "!~" : "=~", StringLiteral.quote(regex.expression()));
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

    @Override
    public String text() {
      return operands.stream()
          .map(FieldExpression::operand)
          .collect(Collectors.joining(conjunction ? " && " : " || "));
    }
  }

  /** {@code !}; of what is not a boolean it has no value. */
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
      Boolean truth = Comparisons.truth(operand.evaluate(span));
      return truth == null ? Value.NIL : Value.Bool.of(!truth);
    }

    @Override
    public String text() {
      return "!" + FieldExpression.operand(operand);
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

  /** Fields and literals without a sign stand for themselves, the rest needs parentheses. */
  private static String operand(FieldExpression expression) {
    String text = expression.text();
    boolean alone = expression instanceof Field || expression instanceof Literal;
    return alone && !text.startsWith("-") ? text : "(" + text + ")";
  }
}
