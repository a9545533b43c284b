package io.signaldb.querier.traceql;

import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.SpansetExpression.Structural;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recursive descent over whole queries: spansets, numbers of spansets and time series share their
 * operators and parentheses, so one set of rules reads all three, and each operator checks what its
 * sides are.
 */
final class Parser {
  private static final Map<String, ScalarExpression.Function> AGGREGATES = aggregates();
  private static final Set<String> STAGES = Set.of("by", "coalesce", "select");
  private static final Map<String, StructuralOperator> STRUCTURAL = structural();
  private static final Set<String> RANKINGS = Set.of("topk", "bottomk");
  private static final String ANYTHING =
      "a spanset filter such as '{ .a = 1 }', '(' or a function such as count()";

  private final TokenCursor cursor;
  private final FieldParser fields;
  private final MetricsFunctionParser functions;

  Parser(String query) {
    cursor = new TokenCursor(query);
    fields = new FieldParser(cursor);
    functions = new MetricsFunctionParser(cursor, fields);
  }

  /** What stands between parentheses, or is the whole query. */
  private sealed interface Operand {
    /** For messages. */
    String kind();
  }

  private record StructuralOperator(Relation relation, Structural.Form form) {}

  private record Spans(SpansetExpression expression) implements Operand {
    @Override
    public String kind() {
      return "a spanset";
    }
  }

  private record Scalar(ScalarExpression expression) implements Operand {
    @Override
    public String kind() {
      return "a number";
    }
  }

  private record Series(MetricsExpression expression) implements Operand {
    @Override
    public String kind() {
      return "a metrics query";
    }
  }

  Query query() {
    Operand whole = pipeline();
    if (whole instanceof Scalar) {
      throw cursor.expected("a comparison such as '> 2'", cursor.peek());
    }
    Hints hints = cursor.peek().isWord("with") ? hints() : Hints.NONE;
    cursor.expectEnd("an operator, '|' or end of query");
    return whole instanceof Series series
        ? new Query.Metrics(series.expression(), hints)
        : new Query.Search(((Spans) whole).expression(), hints);
  }

  /** A query that is one field and nothing else: what names a tag. */
  Field field() {
    Field field = fields.field();
    cursor.expectEnd("end of the tag");
    return field;
  }

  private Operand pipeline() {
    List<SpansetExpression> stages = new ArrayList<>();
    do {
      Token first = cursor.peek();
      if (functions.isFunction(first)) {
        if (stages.isEmpty()) {
          throw cursor.expected("a spanset filter before " + first + ", such as '{ } |'", first);
        }
        return secondStages(new MetricsExpression.OfSpans(asOne(stages), functions.function()));
      }
      Operand operand = isStage(first) ? new Spans(stage()) : logical();
      if (operand instanceof Series series) {
        requireFirst(first, stages, operand);
        return secondStages(series.expression());
      }
      if (operand instanceof Scalar scalar) {
        return ofPipeline(stages, scalar);
      }
      stages.add(((Spans) operand).expression());
    } while (cursor.accept("|"));
    return new Spans(asOne(stages));
  }

  private Operand ofPipeline(List<SpansetExpression> stages, Scalar scalar) {
    if (cursor.peek().is("|")) {
      throw cursor.expected("a comparison such as '> 2'", cursor.peek());
    }
    return stages.isEmpty()
        ? scalar
        : new Scalar(new ScalarExpression.OfPipeline(asOne(stages), scalar.expression()));
  }

  private void requireFirst(Token at, List<SpansetExpression> stages, Operand operand) {
    if (!stages.isEmpty()) {
      throw cursor.error(at, operand.kind() + " cannot stand behind '|'");
    }
  }

  private static SpansetExpression asOne(List<SpansetExpression> stages) {
    return stages.size() == 1 ? stages.get(0) : new SpansetExpression.Pipeline(stages);
  }

  private boolean isStage(Token token) {
    return token.type() == Token.Type.WORD && STAGES.contains(token.text());
  }

  private SpansetExpression stage() {
    Token name = cursor.take();
    cursor.expect("(", "'('");
    if (name.isWord("coalesce")) {
      cursor.expect(")", "')'");
      return new SpansetExpression.Coalesce();
    }
    if (name.isWord("select")) {
      return new SpansetExpression.Select(fields.fieldsToParenthesis());
    }
    Token first = cursor.peek();
    FieldExpression key = fields.expression();
    cursor.expect(")", "an operator or ')'");
    requireField(first, key, "by()");
    return new SpansetExpression.GroupBy(key);
  }

  private void requireField(Token at, FieldExpression expression, String who) {
    if (expression.fields().findAny().isEmpty()) {
      throw cursor.error(at, who + " needs a field of the span, not only constants");
    }
  }

  /** What may follow when there are series. */
  private Series secondStages(MetricsExpression first) {
    MetricsExpression series = first;
    int nested = 0;
    while (true) {
      ComparisonOperator comparison = FieldParser.comparison(cursor.peek());
      boolean piped = cursor.peek().is("|");
      if (comparison == null && !piped) {
        cursor.leave(nested);
        return new Series(series);
      }
      cursor.enter(cursor.take());
      nested++;
      series =
          comparison == null
              ? ranking(series)
              : new MetricsExpression.Threshold(series, comparison, number());
    }
  }

  private MetricsExpression ranking(MetricsExpression of) {
    Token name = cursor.take();
    if (name.type() != Token.Type.WORD || !RANKINGS.contains(name.text())) {
      throw cursor.expected("'topk(' or 'bottomk('", name);
    }
    cursor.expect("(", "'('");
    int count = functions.positiveInteger();
    cursor.expect(")", "')'");
    return new MetricsExpression.Ranking(of, name.isWord("topk"), count);
  }

  private Value number() {
    Token first = cursor.peek();
    Operand operand = sum();
    if (operand instanceof Scalar scalar
        && scalar.expression() instanceof ScalarExpression.Constant constant) {
      return constant.value();
    }
    throw cursor.error(first, "expected a number, not " + operand.kind());
  }

  /** {@code &&} and {@code ||} bind equally, from left to right. */
  private Operand logical() {
    Token first = cursor.peek();
    Operand left = relation();
    int nested = 0;
    while (cursor.peek().is("&&") || cursor.peek().is("||")) {
      Token operator = cursor.take();
      cursor.enter(operator);
      nested++;
      Token second = cursor.peek();
      SpansetExpression leftSpans = spans(first, left, operator);
      SpansetExpression rightSpans = spans(second, relation(), operator);
      left = new Spans(new SpansetExpression.Combination(operator.is("&&"), leftSpans, rightSpans));
    }
    cursor.leave(nested);
    return left;
  }

  /** Structural operators and comparisons; which one {@code >} is, its sides tell. */
  private Operand relation() {
    Token first = cursor.peek();
    Operand left = sum();
    int nested = 0;
    while (true) {
      Token operator = cursor.peek();
      ComparisonOperator comparison = FieldParser.comparison(operator);
      StructuralOperator structural =
          operator.type() == Token.Type.SYMBOL ? STRUCTURAL.get(operator.text()) : null;
      if (comparison == null && structural == null) {
        cursor.leave(nested);
        return left;
      }
      cursor.enter(cursor.take());
      nested++;
      Token second = cursor.peek();
      Operand right = sum();
      if (comparison != null && !(left instanceof Spans && structural != null)) {
        left = comparison(left, comparison, operator, right);
      } else if (structural != null) {
        left =
            new Spans(
                new Structural(
                    spans(first, left, operator),
                    structural.relation(),
                    structural.form(),
                    spans(second, right, operator)));
      }
    }
  }

  private Operand comparison(
      Operand left, ComparisonOperator comparison, Token operator, Operand right) {
    if (left instanceof Scalar a && right instanceof Scalar b) {
      if (a.expression().aggregates().findAny().isEmpty()
          && b.expression().aggregates().findAny().isEmpty()) {
        throw cursor.error(
            operator, operator + " compares two constants, expected an aggregate such as count()");
      }
      return new Spans(
          new SpansetExpression.ScalarFilter(a.expression(), comparison, b.expression()));
    }
    Value leftConstant = constant(left);
    Value rightConstant = constant(right);
    if (left instanceof Series series && rightConstant != null) {
      return new Series(
          new MetricsExpression.Threshold(series.expression(), comparison, rightConstant));
    }
    if (right instanceof Series series && leftConstant != null) {
      return new Series(
          new MetricsExpression.Threshold(
              series.expression(), comparison.mirrored(), leftConstant));
    }
    throw cursor.error(
        operator, "%s cannot compare %s with %s".formatted(operator, left.kind(), right.kind()));
  }

  private static @Nullable Value constant(Operand operand) {
    return operand instanceof Scalar scalar
            && scalar.expression() instanceof ScalarExpression.Constant constant
        ? constant.value()
        : null;
  }

  private SpansetExpression spans(Token at, Operand operand, Token operator) {
    if (operand instanceof Spans spans) {
      return spans.expression();
    }
    throw cursor.error(at, "%s needs a spanset, not %s".formatted(operator, operand.kind()));
  }

  private Operand sum() {
    Operand left = product();
    int nested = 0;
    while (cursor.peek().is("+") || cursor.peek().is("-")) {
      left = calculation(left, cursor.take(), this::product);
      nested++;
    }
    cursor.leave(nested);
    return left;
  }

  private Operand product() {
    Operand left = unary();
    int nested = 0;
    while (cursor.peek().is("*") || cursor.peek().is("/") || cursor.peek().is("%")) {
      left = calculation(left, cursor.take(), this::unary);
      nested++;
    }
    cursor.leave(nested);
    return left;
  }

  private Operand unary() {
    Token minus = cursor.peek();
    if (!cursor.accept("-")) {
      return power();
    }
    if (FieldParser.UNSIGNED_MIN_INT.equals(cursor.peek().value())) {
      cursor.take();
      return new Scalar(new ScalarExpression.Constant(FieldParser.UNSIGNED_MIN_INT));
    }
    Scalar zero = new Scalar(new ScalarExpression.Constant(new Value.Int(0)));
    Operand negative = calculation(zero, minus, this::unary);
    cursor.leave(1);
    return negative;
  }

  private Operand power() {
    Operand base = term();
    if (!cursor.peek().is("^")) {
      return base;
    }
    Operand power = calculation(base, cursor.take(), this::unary);
    cursor.leave(1);
    return power;
  }

  private interface Rule {
    Operand parse();
  }

  /** Enters a level, which the caller leaves. */
  private Operand calculation(Operand left, Token operator, Rule rightSide) {
    cursor.enter(operator);
    Operand right = rightSide.parse();
    ArithmeticOperator arithmetic = FieldParser.arithmetic(operator);
    if (arithmetic == null || left instanceof Spans || right instanceof Spans) {
      Operand wrong = left instanceof Spans ? left : right;
      throw cursor.error(
          operator,
          "%s needs numbers or metrics queries, not %s".formatted(operator, wrong.kind()));
    }
    if (left instanceof Scalar a && right instanceof Scalar b) {
      return new Scalar(calculation(a.expression(), arithmetic, operator, b.expression()));
    }
    if (arithmetic == ArithmeticOperator.MODULO || arithmetic == ArithmeticOperator.POWER) {
      throw cursor.error(
          operator, "%s cannot be used with metrics queries, only + - * /".formatted(operator));
    }
    return new Series(
        new MetricsExpression.Calculation(
            series(left, operator), arithmetic, series(right, operator)));
  }

  private ScalarExpression calculation(
      ScalarExpression left,
      ArithmeticOperator arithmetic,
      Token operator,
      ScalarExpression right) {
    if (left instanceof ScalarExpression.Constant a
        && right instanceof ScalarExpression.Constant b) {
      Value result = arithmetic.apply(a.value(), b.value());
      if (result == Value.NIL) {
        throw cursor.error(operator, "the result of %s is not a number".formatted(operator));
      }
      return new ScalarExpression.Constant(result);
    }
    return new ScalarExpression.Calculation(left, arithmetic, right);
  }

  private MetricsExpression series(Operand operand, Token operator) {
    if (operand instanceof Series series) {
      return series.expression();
    }
    Value constant = constant(operand);
    if (constant == null) {
      throw cursor.error(
          operator, "%s calculates with metrics queries and constants only".formatted(operator));
    }
    return new MetricsExpression.Constant(constant);
  }

  private Operand term() {
    Token token = cursor.peek();
    if (cursor.accept("{")) {
      return new Spans(new SpansetExpression.Filter(fields.condition()));
    }
    if (cursor.accept("(")) {
      cursor.enter(token);
      Operand inner = pipeline();
      cursor.expect(")", "an operator, '|' or ')'");
      cursor.leave(1);
      return inner;
    }
    Value constant = FieldParser.constant(token);
    if (constant != null && constant.type().isNumeric()) {
      if (FieldParser.UNSIGNED_MIN_INT.equals(token.value())) {
        throw cursor.error(token, "integer " + token.text() + " does not fit into 64 bits");
      }
      cursor.take();
      return new Scalar(new ScalarExpression.Constant(constant));
    }
    ScalarExpression.Function aggregate =
        token.type() == Token.Type.WORD ? AGGREGATES.get(token.text()) : null;
    if (aggregate == null) {
      throw cursor.expected(ANYTHING, token);
    }
    cursor.take();
    return new Scalar(aggregate(aggregate));
  }

  private ScalarExpression aggregate(ScalarExpression.Function function) {
    cursor.expect("(", "'('");
    if (function == ScalarExpression.Function.COUNT) {
      cursor.expect(")", "')'");
      return new ScalarExpression.Aggregate(function, null);
    }
    Token first = cursor.peek();
    FieldExpression of = fields.expression();
    cursor.expect(")", "an operator or ')'");
    requireField(first, of, function.word() + "()");
    if (of.type() != ValueType.ATTRIBUTE && !of.type().isNumeric()) {
      throw cursor.error(
          first, "%s() needs a number or a duration, not %s".formatted(function.word(), of.type()));
    }
    return new ScalarExpression.Aggregate(function, of);
  }

  private Hints hints() {
    cursor.take();
    cursor.expect("(", "'('");
    Map<String, Value> values = new LinkedHashMap<>();
    do {
      Token name = cursor.take();
      if (name.type() != Token.Type.WORD) {
        throw cursor.expected("the name of a hint", name);
      }
      cursor.expect("=", "'='");
      values.put(name.text(), hint());
    } while (cursor.accept(","));
    cursor.expect(")", "',' or ')'");
    return new Hints(values);
  }

  private Value hint() {
    Token minus = cursor.peek();
    boolean negative = cursor.accept("-");
    Token token = cursor.take();
    Value value = FieldParser.constant(token);
    if (value == null || (negative && !value.type().isNumeric())) {
      throw cursor.expected("a constant", negative ? minus : token);
    }
    return negative ? FieldExpression.Negative.of(value) : value;
  }

  private static Map<String, ScalarExpression.Function> aggregates() {
    Map<String, ScalarExpression.Function> byWord = new LinkedHashMap<>();
    for (ScalarExpression.Function function : ScalarExpression.Function.values()) {
      byWord.put(function.word(), function);
    }
    return byWord;
  }

  private static Map<String, StructuralOperator> structural() {
    Map<String, StructuralOperator> bySymbol = new LinkedHashMap<>();
    for (Relation relation : Relation.values()) {
      for (Structural.Form form : Structural.Form.values()) {
        bySymbol.put(form.sign() + relation.symbol(), new StructuralOperator(relation, form));
      }
    }
    return bySymbol;
  }
}
