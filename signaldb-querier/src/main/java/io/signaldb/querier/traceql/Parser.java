package io.signaldb.querier.traceql;

import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Comparison;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.FieldExpression.Literal;
import io.signaldb.querier.traceql.FieldExpression.Logical;
import io.signaldb.querier.traceql.FieldExpression.Not;
import io.signaldb.querier.traceql.FieldExpression.Presence;
import io.signaldb.querier.traceql.FieldExpression.RegexMatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Recursive descent over the grammar of TraceQL, one method per rule. Types are checked where an
 * expression is built, so that a message can point at the operator. What the grammar has and this
 * parser does not build yet is refused by name.
 */
final class Parser {
  private static final int MAX_DEPTH = 200;

  private static final Map<String, ComparisonOperator> COMPARISONS = comparisons();
  private static final Map<String, Value> KEYWORDS = keywords();
  private static final Set<String> STRUCTURAL =
      Set.of(
          ">", "<", ">>", "<<", "~", "!>", "!<", "!>>", "!<<", "!~", "&>", "&<", "&>>", "&<<",
          "&~");
  private static final Pattern HEX = Pattern.compile("[0-9a-f]+");
  private static final Set<String> ARITHMETIC = Set.of("+", "-", "*", "/", "%", "^");
  private static final Set<String> UNSUPPORTED_STAGES =
      Set.of(
          "by",
          "coalesce",
          "count",
          "avg",
          "max",
          "min",
          "sum",
          "rate",
          "count_over_time",
          "min_over_time",
          "max_over_time",
          "avg_over_time",
          "sum_over_time",
          "quantile_over_time",
          "histogram_over_time",
          "compare",
          "topk",
          "bottomk",
          "with");

  private final String query;
  private final List<Token> tokens;
  private int index;
  private int depth;

  Parser(String query) {
    this.query = query;
    this.tokens = new Lexer(query).tokens();
  }

  Query query() {
    refuseUnsupportedStage();
    SpansetExpression spansets = spansets();
    List<Query.Stage> stages = new ArrayList<>();
    while (accept("|")) {
      stages.add(stage());
    }
    refuseUnsupportedStage();
    end("'&&', '||', '|' or end of query");
    return new Query(spansets, stages);
  }

  /** A query that is one field and nothing else: what names a tag. */
  Field field() {
    Field field = namedField();
    end("end of the tag");
    return field;
  }

  private SpansetExpression spansets() {
    SpansetExpression left = spanset();
    int combined = 0;
    while (peek().is("&&") || peek().is("||")) {
      Token operator = take();
      deeper(operator);
      combined++;
      left = new SpansetExpression.Combination(operator.is("&&"), left, spanset());
    }
    depth -= combined;
    if (peek().type() == Token.Type.SYMBOL && STRUCTURAL.contains(peek().text())) {
      throw unsupported(peek(), "structural operator " + peek());
    }
    return left;
  }

  private SpansetExpression spanset() {
    Token open = peek();
    if (accept("(")) {
      deeper(open);
      SpansetExpression inner = spansets();
      if (peek().is("|")) {
        throw unsupported(peek(), "a pipeline between parentheses");
      }
      expect(")", "'&&', '||' or ')'");
      depth--;
      return inner;
    }
    expect("{", "'{' or '('");
    if (accept("}")) {
      return new SpansetExpression.Filter(new Literal(Value.Bool.TRUE));
    }
    Token first = peek();
    FieldExpression condition = logical();
    expect("}", "an operator or '}'");
    requireBoolean(first, condition, "a spanset filter needs");
    return new SpansetExpression.Filter(condition);
  }

  private Query.Stage stage() {
    refuseUnsupportedStage();
    Token name = peek();
    if (name.is("{") || name.is("(")) {
      throw unsupported(name, "a spanset filter after '|'");
    }
    if (name.type() != Token.Type.WORD || !name.text().equals("select")) {
      throw expected("'select('", name);
    }
    take();
    expect("(", "'('");
    List<Field> selected = new ArrayList<>();
    do {
      selected.add(namedField());
    } while (accept(","));
    expect(")", "',' or ')'");
    return new Query.Select(selected);
  }

  private void refuseUnsupportedStage() {
    Token token = peek();
    if (token.type() == Token.Type.WORD && UNSUPPORTED_STAGES.contains(token.text())) {
      throw unsupported(token, "'" + token.text() + "'");
    }
  }

  /** {@code &&} and {@code ||} bind equally, from left to right. */
  private FieldExpression logical() {
    Token first = peek();
    FieldExpression left = comparison();
    int nested = 0;
    while (peek().is("&&") || peek().is("||")) {
      Token operator = take();
      Token second = peek();
      FieldExpression right = comparison();
      requireBoolean(first, left, operator + " needs");
      requireBoolean(second, right, operator + " needs");
      boolean conjunction = operator.is("&&");
      List<FieldExpression> operands = new ArrayList<>();
      if (left instanceof Logical logical && logical.conjunction() == conjunction) {
        operands.addAll(logical.operands());
      } else {
        operands.add(left);
        deeper(operator);
        nested++;
      }
      operands.add(right);
      left = new Logical(conjunction, operands);
    }
    depth -= nested;
    return left;
  }

  private FieldExpression comparison() {
    FieldExpression left = unary();
    while (peek().type() == Token.Type.SYMBOL) {
      Token operator = peek();
      ComparisonOperator comparison = COMPARISONS.get(operator.text());
      if (comparison != null) {
        take();
        left = comparison(left, comparison, operator, unary());
      } else if (operator.is("=~") || operator.is("!~")) {
        take();
        left = regexMatch(left, operator, peek(), unary());
      } else {
        break;
      }
    }
    return left;
  }

  private FieldExpression comparison(
      FieldExpression left, ComparisonOperator comparison, Token operator, FieldExpression right) {
    if (left.type() == ValueType.NIL || right.type() == ValueType.NIL) {
      FieldExpression other = left.type() == ValueType.NIL ? right : left;
      if (!comparison.isEquality() || !(other instanceof Attribute attribute)) {
        throw error(operator, "nil can only be compared with an attribute, with '=' or '!='");
      }
      return new Presence(attribute, comparison == ComparisonOperator.NOT_EQUAL);
    }
    if (!left.type().comparableWith(right.type())) {
      throw error(
          operator,
          "cannot compare %s with %s: both sides of %s must have the same type"
              .formatted(left.type(), right.type(), operator));
    }
    if (!comparison.isEquality() && !(left.type().isOrdered() && right.type().isOrdered())) {
      ValueType unordered = left.type().isOrdered() ? right.type() : left.type();
      throw error(
          operator,
          "%s has no order: %s cannot be used, only = and !=".formatted(unordered, operator));
    }
    return new Comparison(withFullId(left, right), comparison, withFullId(right, left));
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
      throw error(
          second,
          "%s needs a string with a regular expression, not %s".formatted(operator, right.type()));
    }
    if (left.type() != ValueType.STRING && left.type() != ValueType.ATTRIBUTE) {
      throw error(
          operator, "%s needs a string on its left, not %s".formatted(operator, left.type()));
    }
    try {
      return new RegexMatch(left, Regex.compile(text.text()), operator.is("!~"));
    } catch (com.google.re2j.PatternSyntaxException e) {
      throw error(second, "invalid regular expression " + second + ": " + e.getDescription());
    }
  }

  private FieldExpression unary() {
    Token token = peek();
    FieldExpression operand;
    if (accept("!")) {
      deeper(token);
      Token first = peek();
      FieldExpression negated = unary();
      depth--;
      requireBoolean(first, negated, "'!' needs");
      operand = new Not(negated);
    } else if (accept("-")) {
      operand = negative(token);
    } else {
      operand = primary();
    }
    if (peek().type() == Token.Type.SYMBOL && ARITHMETIC.contains(peek().text())) {
      throw unsupported(peek(), "arithmetic with " + peek());
    }
    return operand;
  }

  private FieldExpression negative(Token minus) {
    FieldExpression operand = primary();
    if (operand instanceof Literal literal) {
      Value value = literal.value();
      if (value instanceof Value.Int integer) {
        return new Literal(new Value.Int(-integer.number()));
      }
      if (value instanceof Value.Real real) {
        return new Literal(new Value.Real(-real.number()));
      }
      if (value instanceof Value.Nanos nanos) {
        return new Literal(new Value.Nanos(-nanos.nanos()));
      }
    }
    if (operand.type() == ValueType.ATTRIBUTE || operand.type().isNumeric()) {
      throw unsupported(minus, "arithmetic with '-'");
    }
    throw error(minus, "'-' needs a number or a duration, not " + operand.type());
  }

  private FieldExpression primary() {
    Token token = peek();
    if (accept("(")) {
      deeper(token);
      FieldExpression inner = logical();
      expect(")", "an operator or ')'");
      depth--;
      return inner;
    }
    if (token.value() != null) {
      take();
      return new Literal(token.value());
    }
    Value keyword = token.type() == Token.Type.WORD ? KEYWORDS.get(token.text()) : null;
    if (keyword != null) {
      take();
      return new Literal(keyword);
    }
    return namedField();
  }

  private Field namedField() {
    Token token = take();
    if (token.attribute() != null) {
      if (token.attribute().key().isEmpty()) {
        throw error(token, "expected an attribute name after " + token);
      }
      return token.attribute();
    }
    if (token.type() != Token.Type.WORD) {
      throw expected("a field, a value or '('", token);
    }
    Optional<Intrinsic> intrinsic = Intrinsic.byName(token.text());
    if (intrinsic.isPresent()) {
      return new IntrinsicField(intrinsic.get());
    }
    if (Intrinsic.UNSUPPORTED.contains(token.text())) {
      throw unsupported(token, "field " + token);
    }
    throw error(
        token,
        "unknown field %s, expected an intrinsic such as name or duration, or an attribute such as"
                .formatted(token)
            + " .%1$s, span.%1$s or resource.%1$s".formatted(token.text()));
  }

  private void requireBoolean(Token at, FieldExpression expression, String who) {
    ValueType type = expression.type();
    if (type != ValueType.BOOLEAN && type != ValueType.ATTRIBUTE) {
      throw error(at, "%s a boolean, not %s".formatted(who, type));
    }
  }

  private void deeper(Token at) {
    if (++depth > MAX_DEPTH) {
      throw error(at, "the query is nested more than " + MAX_DEPTH + " levels deep");
    }
  }

  private Token peek() {
    return tokens.get(index);
  }

  private Token take() {
    Token token = tokens.get(index);
    if (token.type() != Token.Type.END) {
      index++;
    }
    return token;
  }

  private boolean accept(String symbol) {
    if (!peek().is(symbol)) {
      return false;
    }
    index++;
    return true;
  }

  private void expect(String symbol, String expectation) {
    if (!accept(symbol)) {
      throw expected(expectation, peek());
    }
  }

  private void end(String expectation) {
    if (peek().type() != Token.Type.END) {
      throw expected(expectation, peek());
    }
  }

  private TraceQlException expected(String expectation, Token found) {
    return error(found, "unexpected %s, expected %s".formatted(found, expectation));
  }

  private TraceQlException error(Token at, String problem) {
    return TraceQlException.parseError(Lexer.position(query, at.start()), problem);
  }

  private TraceQlException unsupported(Token at, String feature) {
    return TraceQlException.unsupported(Lexer.position(query, at.start()), feature);
  }

  private static Map<String, ComparisonOperator> comparisons() {
    Map<String, ComparisonOperator> bySymbol = new HashMap<>();
    for (ComparisonOperator operator : ComparisonOperator.values()) {
      bySymbol.put(operator.symbol(), operator);
    }
    return Map.copyOf(bySymbol);
  }

  private static Map<String, Value> keywords() {
    Map<String, Value> words = new HashMap<>();
    words.put("true", Value.Bool.TRUE);
    words.put("false", Value.Bool.FALSE);
    words.put("nil", Value.NIL);
    for (Value.Status status : Value.Status.values()) {
      words.put(status.keyword(), status);
    }
    for (Value.Kind kind : Value.Kind.values()) {
      words.put(kind.keyword(), kind);
    }
    return Map.copyOf(words);
  }
}
