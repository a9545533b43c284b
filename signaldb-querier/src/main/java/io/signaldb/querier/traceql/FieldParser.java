package io.signaldb.querier.traceql;

import io.signaldb.querier.traceql.FieldExpression.Arithmetic;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Comparison;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.FieldExpression.Literal;
import io.signaldb.querier.traceql.FieldExpression.Logical;
import io.signaldb.querier.traceql.FieldExpression.Negative;
import io.signaldb.querier.traceql.FieldExpression.Not;
import io.signaldb.querier.traceql.FieldExpression.Presence;
import io.signaldb.querier.traceql.FieldExpression.RegexMatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The expressions about one span: recursive descent, one method per precedence, loosest first.
 * Types are checked where an expression is built, so that a message can point at the operator.
 * Calculations with constants are done here.
 */
final class FieldParser {
  /** What the lexer makes of the digits that are an integer only with a minus before them. */
  static final Value.Int UNSIGNED_MIN_INT = new Value.Int(Long.MIN_VALUE);

  private static final Map<String, ComparisonOperator> COMPARISONS = new HashMap<>();
  private static final Map<String, ArithmeticOperator> ARITHMETIC = new HashMap<>();
  private static final Map<String, Value> KEYWORDS = new HashMap<>();
  private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

  static {
    for (ComparisonOperator operator : ComparisonOperator.values()) {
      COMPARISONS.put(operator.symbol(), operator);
    }
    for (ArithmeticOperator operator : ArithmeticOperator.values()) {
      ARITHMETIC.put(operator.symbol(), operator);
    }
    KEYWORDS.put("true", Value.Bool.TRUE);
    KEYWORDS.put("false", Value.Bool.FALSE);
    KEYWORDS.put("nil", Value.NIL);
    KEYWORDS.put("minInt", new Value.Int(Long.MIN_VALUE));
    KEYWORDS.put("maxInt", new Value.Int(Long.MAX_VALUE));
    for (Value.Status status : Value.Status.values()) {
      KEYWORDS.put(status.literal(), status);
    }
    for (Value.Kind kind : Value.Kind.values()) {
      KEYWORDS.put(kind.literal(), kind);
    }
  }

  private final TokenCursor cursor;

  FieldParser(TokenCursor cursor) {
    this.cursor = cursor;
  }

  static @Nullable ComparisonOperator comparison(Token token) {
    return token.type() == Token.Type.SYMBOL ? COMPARISONS.get(token.text()) : null;
  }

  static @Nullable ArithmeticOperator arithmetic(Token token) {
    return token.type() == Token.Type.SYMBOL ? ARITHMETIC.get(token.text()) : null;
  }

  /** The value of a literal or of a word that is one; null for other tokens. */
  static @Nullable Value constant(Token token) {
    return token.type() == Token.Type.WORD ? KEYWORDS.get(token.text()) : token.value();
  }

  /** What stands between braces; the opening one is taken already. */
  FieldExpression condition() {
    if (cursor.accept("}")) {
      return new Literal(Value.Bool.TRUE);
    }
    Token first = cursor.peek();
    FieldExpression condition = expression();
    cursor.expect("}", "an operator or '}'");
    requireBoolean(first, condition, "a spanset filter needs");
    return condition;
  }

  /** {@code &&} and {@code ||} bind equally, from left to right. */
  FieldExpression expression() {
    Token first = cursor.peek();
    FieldExpression left = comparison();
    int nested = 0;
    while (cursor.peek().is("&&") || cursor.peek().is("||")) {
      Token operator = cursor.take();
      Token second = cursor.peek();
      FieldExpression right = comparison();
      requireBoolean(first, left, operator + " needs");
      requireBoolean(second, right, operator + " needs");
      boolean conjunction = operator.is("&&");
      List<FieldExpression> operands = new ArrayList<>();
      operands.add(left);
      operands.add(right);
      while (cursor.peek().is(operator.text())) {
        cursor.take();
        Token further = cursor.peek();
        operands.add(comparison());
        requireBoolean(further, operands.get(operands.size() - 1), operator + " needs");
      }
      cursor.enter(operator);
      nested++;
      left = new Logical(conjunction, operands);
    }
    cursor.leave(nested);
    return left;
  }

  private FieldExpression comparison() {
    FieldExpression left = sum();
    int nested = 0;
    while (true) {
      Token operator = cursor.peek();
      ComparisonOperator comparison = comparison(operator);
      if (comparison == null && !operator.is("=~") && !operator.is("!~")) {
        cursor.leave(nested);
        return left;
      }
      cursor.enter(cursor.take());
      nested++;
      Token second = cursor.peek();
      FieldExpression right = sum();
      left =
          comparison == null
              ? regexMatch(left, operator, second, right)
              : comparison(left, comparison, operator, right);
    }
  }

  private FieldExpression comparison(
      FieldExpression left, ComparisonOperator comparison, Token operator, FieldExpression right) {
    if (left.type() == ValueType.NIL || right.type() == ValueType.NIL) {
      FieldExpression other = left.type() == ValueType.NIL ? right : left;
      if (!comparison.isEquality() || !(other instanceof Field field && canBeAbsent(field))) {
        throw cursor.error(
            operator, "nil can only be compared with an attribute, with '=' or '!='");
      }
      return new Presence(field, comparison == ComparisonOperator.NOT_EQUAL);
    }
    if (!left.type().comparableWith(right.type())) {
      throw cursor.error(
          operator,
          "cannot compare %s with %s: both sides of %s must have the same type"
              .formatted(left.type(), right.type(), operator));
    }
    if (!comparison.isEquality() && !(left.type().isOrdered() && right.type().isOrdered())) {
      ValueType unordered = left.type().isOrdered() ? right.type() : left.type();
      throw cursor.error(
          operator,
          "%s has no order: %s cannot be used, only = and !=".formatted(unordered, operator));
    }
    return new Comparison(withFullId(left, right), comparison, withFullId(right, left));
  }

  private static boolean canBeAbsent(Field field) {
    return field instanceof Attribute || field.equals(new IntrinsicField(Intrinsic.PARENT));
  }

  /** The expression, or if it is an id to compare with {@code field}, the id in its full form. */
  private static FieldExpression withFullId(FieldExpression expression, FieldExpression field) {
    if (field instanceof IntrinsicField intrinsic
        && expression instanceof Literal literal
        && literal.value() instanceof Value.Text text) {
      String id = text.text().toLowerCase(Locale.ROOT);
      int missing = intrinsic.intrinsic().idDigits() - id.length();
      if (missing >= 0 && HEX.matcher(id).matches()) {
        return new Literal(new Value.Text("0".repeat(missing) + id));
      }
    }
    return expression;
  }

  private FieldExpression regexMatch(
      FieldExpression left, Token operator, Token second, FieldExpression right) {
    if (!(right instanceof Literal literal && literal.value() instanceof Value.Text text)) {
      throw cursor.error(
          second,
          "%s needs a string with a regular expression, not %s".formatted(operator, right.type()));
    }
    if (left.type() != ValueType.STRING && left.type() != ValueType.ATTRIBUTE) {
      throw cursor.error(
          operator, "%s needs a string on its left, not %s".formatted(operator, left.type()));
    }
    try {
      return new RegexMatch(left, Regex.compile(text.text()), operator.is("!~"));
    } catch (com.google.re2j.PatternSyntaxException e) {
      throw cursor.error(
          second, "invalid regular expression " + second + ": " + e.getDescription());
    }
  }

  private FieldExpression sum() {
    FieldExpression left = product();
    int nested = 0;
    while (cursor.peek().is("+") || cursor.peek().is("-")) {
      left = arithmetic(left, cursor.take(), this::product);
      nested++;
    }
    cursor.leave(nested);
    return left;
  }

  private FieldExpression product() {
    FieldExpression left = unary();
    int nested = 0;
    while (cursor.peek().is("*") || cursor.peek().is("/") || cursor.peek().is("%")) {
      left = arithmetic(left, cursor.take(), this::unary);
      nested++;
    }
    cursor.leave(nested);
    return left;
  }

  private FieldExpression unary() {
    Token operator = cursor.peek();
    if (cursor.accept("!")) {
      cursor.enter(operator);
      Token first = cursor.peek();
      FieldExpression operand = unary();
      cursor.leave(1);
      requireBoolean(first, operand, "'!' needs");
      return new Not(operand);
    }
    if (cursor.accept("-")) {
      if (UNSIGNED_MIN_INT.equals(cursor.peek().value())) {
        cursor.take();
        return new Literal(UNSIGNED_MIN_INT);
      }
      cursor.enter(operator);
      FieldExpression operand = unary();
      cursor.leave(1);
      requireNumber(operator, operand, operator);
      return operand instanceof Literal literal
          ? new Literal(Negative.of(literal.value()))
          : new Negative(operand);
    }
    return power();
  }

  /** Binds from the right, and closer than a sign before it: {@code -2 ^ 2} is −4. */
  private FieldExpression power() {
    FieldExpression base = primary();
    if (!cursor.peek().is("^")) {
      return base;
    }
    FieldExpression power = arithmetic(base, cursor.take(), this::unary);
    cursor.leave(1);
    return power;
  }

  private interface Rule {
    FieldExpression parse();
  }

  /** Enters a level, which the caller leaves. */
  private FieldExpression arithmetic(FieldExpression left, Token operator, Rule rightSide) {
    cursor.enter(operator);
    FieldExpression right = rightSide.parse();
    requireNumber(operator, left, operator);
    requireNumber(operator, right, operator);
    ArithmeticOperator arithmetic = arithmetic(operator);
    if (arithmetic == null) {
      throw new IllegalArgumentException("No arithmetic operator: " + operator);
    }
    if (!(left instanceof Literal a && right instanceof Literal b)) {
      return new Arithmetic(left, arithmetic, right);
    }
    Value result = arithmetic.apply(a.value(), b.value());
    if (result == Value.NIL) {
      throw cursor.error(operator, "the result of %s is not a number".formatted(operator));
    }
    return new Literal(result);
  }

  private void requireNumber(Token at, FieldExpression expression, Token operator) {
    ValueType type = expression.type();
    if (type != ValueType.ATTRIBUTE && !type.isNumeric()) {
      throw cursor.error(at, "%s needs a number or a duration, not %s".formatted(operator, type));
    }
  }

  private FieldExpression primary() {
    Token token = cursor.peek();
    if (cursor.accept("(")) {
      cursor.enter(token);
      FieldExpression inner = expression();
      cursor.expect(")", "an operator or ')'");
      cursor.leave(1);
      return inner;
    }
    Value constant = constant(token);
    if (constant == null) {
      return field();
    }
    if (UNSIGNED_MIN_INT.equals(token.value())) {
      throw cursor.error(token, "integer " + token.text() + " does not fit into 64 bits");
    }
    cursor.take();
    return new Literal(constant);
  }

  /** The name of a field. */
  Field field() {
    Token token = cursor.take();
    if (token.attribute() != null) {
      if (token.attribute().key().isEmpty()) {
        throw cursor.error(token, "expected an attribute name after " + token);
      }
      return token.attribute();
    }
    if (token.type() != Token.Type.WORD) {
      throw cursor.expected("a field, a value or '('", token);
    }
    return Intrinsic.byName(token.text())
        .map(IntrinsicField::new)
        .orElseThrow(
            () ->
                cursor.error(
                    token,
                    "unknown field %s, expected an intrinsic such as name or duration, or an"
                            .formatted(token)
                        + " attribute such as .%1$s, span.%1$s or resource.%1$s"
                            .formatted(token.text())));
  }

  /** One field or more, separated by commas, and the closing parenthesis. */
  List<Field> fieldsToParenthesis() {
    List<Field> fields = new ArrayList<>();
    do {
      fields.add(field());
    } while (cursor.accept(","));
    cursor.expect(")", "',' or ')'");
    return fields;
  }

  private void requireBoolean(Token at, FieldExpression expression, String who) {
    ValueType type = expression.type();
    boolean attribute = expression instanceof Attribute;
    if (type != ValueType.BOOLEAN && !attribute) {
      throw cursor.error(at, "%s a boolean, not %s".formatted(who, type));
    }
  }
}
