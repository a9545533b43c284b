package io.signaldb.querier.traceql;

/** Makes time series of spans, or of other time series. */
public sealed interface MetricsExpression {
  /** The expression as a query writes it. */
  String text();

  /**
   * The first stage: spans to series.
   *
   * @param spans selects them, within each trace
   */
  record OfSpans(SpansetExpression spans, MetricsFunction function) implements MetricsExpression {
    @Override
    public String text() {
      return spans.text() + " | " + function.text();
    }
  }

  /**
   * {@code topk(n)} and {@code bottomk(n)}: at each point in time the n series with the greatest or
   * least values.
   *
   * @param greatest true for {@code topk}
   * @param count positive
   */
  record Ranking(MetricsExpression of, boolean greatest, int count) implements MetricsExpression {
    @Override
    public String text() {
      return "%s | %s(%d)".formatted(stage(of), greatest ? "topk" : "bottomk", count);
    }
  }

  /** {@code > 5} behind series: keeps the points for which it holds. */
  record Threshold(MetricsExpression of, ComparisonOperator operator, Value value)
      implements MetricsExpression {
    /** The value as the points have it: a duration in seconds. */
    public double number() {
      return seconds(value);
    }

    /** Whether the point stays. */
    public boolean holds(double point) {
      return Comparisons.holds(new Value.Real(point), operator, new Value.Real(number()), false);
    }

    @Override
    public String text() {
      return "(%s) %s %s".formatted(of.text(), operator.symbol(), value.literal());
    }
  }

  /**
   * Calculates with the points of series that have the same labels; a series without labels, and a
   * number, with every series of the other side.
   *
   * @param operator not {@code %} or {@code ^}
   */
  record Calculation(MetricsExpression left, ArithmeticOperator operator, MetricsExpression right)
      implements MetricsExpression {
    @Override
    public String text() {
      return "(%s) %s (%s)".formatted(left.text(), operator.symbol(), right.text());
    }
  }

  /** A number to calculate with. */
  record Constant(Value value) implements MetricsExpression {
    /** The value as the points have it: a duration in seconds. */
    public double number() {
      return seconds(value);
    }

    @Override
    public String text() {
      return value.literal();
    }
  }

  private static double seconds(Value value) {
    return value instanceof Value.Nanos nanos ? nanos.nanos() / 1e9 : Numbers.real(value);
  }

  private static String stage(MetricsExpression expression) {
    return expression instanceof OfSpans || expression instanceof Ranking
        ? expression.text()
        : "(" + expression.text() + ")";
  }
}
