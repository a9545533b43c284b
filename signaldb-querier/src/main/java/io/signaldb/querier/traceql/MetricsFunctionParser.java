package io.signaldb.querier.traceql;

import io.signaldb.querier.traceql.FieldExpression.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The functions that make time series of spans, with what they are grouped by. */
final class MetricsFunctionParser {
  private static final Map<String, ScalarExpression.Function> OVER_TIME =
      Map.of(
          "min_over_time", ScalarExpression.Function.MIN,
          "max_over_time", ScalarExpression.Function.MAX,
          "avg_over_time", ScalarExpression.Function.AVG,
          "sum_over_time", ScalarExpression.Function.SUM);
  private static final Set<String> OTHERS =
      Set.of("rate", "count_over_time", "quantile_over_time", "histogram_over_time", "compare");

  private final TokenCursor cursor;
  private final FieldParser fields;

  MetricsFunctionParser(TokenCursor cursor, FieldParser fields) {
    this.cursor = cursor;
    this.fields = fields;
  }

  boolean isFunction(Token token) {
    return token.type() == Token.Type.WORD
        && (OTHERS.contains(token.text()) || OVER_TIME.containsKey(token.text()));
  }

  /** The function whose name comes next. */
  MetricsFunction function() {
    Token name = cursor.take();
    cursor.expect("(", "'('");
    ScalarExpression.Function overTime = OVER_TIME.get(name.text());
    if (overTime != null) {
      Field of = number(name);
      cursor.expect(")", "')'");
      return new MetricsFunction.OverTime(overTime, of, by());
    }
    return switch (name.text()) {
      case "quantile_over_time" -> quantiles(name);
      case "histogram_over_time" -> {
        Field of = number(name);
        cursor.expect(")", "')'");
        yield new MetricsFunction.Histogram(of, by());
      }
      case "compare" -> compare();
      default -> {
        cursor.expect(")", "')'");
        yield new MetricsFunction.Count(name.isWord("rate"), by());
      }
    };
  }

  private MetricsFunction quantiles(Token name) {
    Field of = number(name);
    List<Double> quantiles = new ArrayList<>();
    cursor.expect(",", "',' and a quantile such as 0.9");
    do {
      Token token = cursor.take();
      Value value = token.value();
      if (value == null
          || value.type() == ValueType.DURATION
          || !Numbers.isNumber(value)
          || Numbers.real(value) > 1) {
        throw cursor.expected("a quantile from 0 to 1", token);
      }
      quantiles.add(Numbers.real(value));
    } while (cursor.accept(","));
    cursor.expect(")", "',' or ')'");
    return new MetricsFunction.Quantiles(of, quantiles, by());
  }

  private MetricsFunction compare() {
    cursor.expect("{", "a spanset filter such as '{ status = error }'");
    SpansetExpression.Filter selection = new SpansetExpression.Filter(fields.condition());
    int topN = cursor.accept(",") ? positiveInteger() : MetricsFunction.Compare.DEFAULT_TOP_N;
    MetricsFunction.Compare.Window window = null;
    if (cursor.accept(",")) {
      long start = integer("a start in nanoseconds since 1970");
      cursor.expect(",", "',' and an end in nanoseconds since 1970");
      Token at = cursor.peek();
      long end = integer("an end in nanoseconds since 1970");
      if (end <= start) {
        throw cursor.error(at, "the end %d is not after the start %d".formatted(end, start));
      }
      window = new MetricsFunction.Compare.Window(start, end);
    }
    cursor.expect(")", "',' or ')'");
    return new MetricsFunction.Compare(selection, topN, window);
  }

  private Field number(Token function) {
    Token first = cursor.peek();
    Field field = fields.field();
    if (field.type() != ValueType.ATTRIBUTE && !field.type().isNumeric()) {
      throw cursor.error(
          first,
          "%s() needs a number or a duration, not %s".formatted(function.text(), field.type()));
    }
    return field;
  }

  private List<Field> by() {
    if (!cursor.peek().isWord("by")) {
      return List.of();
    }
    cursor.take();
    cursor.expect("(", "'('");
    return fields.fieldsToParenthesis();
  }

  /** An integer from 1 to the greatest of 32 bits. */
  int positiveInteger() {
    Token token = cursor.peek();
    long number = integer("a positive integer");
    if (number < 1 || number > Integer.MAX_VALUE) {
      throw cursor.expected("a positive integer", token);
    }
    return (int) number;
  }

  private long integer(String expectation) {
    Token token = cursor.take();
    if (token.value() instanceof Value.Int integer
        && !FieldParser.UNSIGNED_MIN_INT.equals(integer)) {
      return integer.number();
    }
    throw cursor.expected(expectation, token);
  }
}
