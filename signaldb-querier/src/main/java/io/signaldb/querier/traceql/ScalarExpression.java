package io.signaldb.querier.traceql;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A number that spans have together. */
public sealed interface ScalarExpression {
  /** Static type, a numeric one. */
  ValueType type();

  /** The number for the spans of a spanset; {@link Value#NIL} if they have none. */
  <S extends SpanView> Value evaluate(Spanset<S> spanset);

  /** The aggregates it is calculated from. */
  Stream<Aggregate> aggregates();

  /** The pipelines whose results are aggregated, rather than the spanset itself. */
  Stream<SpansetExpression> pipelines();

  /** The expression as a query writes it, every operation in parentheses but the outermost. */
  String text();

  /** The fields the number depends on. */
  default Stream<FieldExpression.Field> fields() {
    return Stream.concat(
        pipelines().flatMap(SpansetExpression::fields), aggregates().flatMap(Aggregate::fieldsOf));
  }

  /** How values become one number. */
  enum Function {
    COUNT,
    AVG,
    MIN,
    MAX,
    SUM;

    /** The word in a query. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * {@code count()} or another function over what each span has; spans without a number do not take
   * part.
   *
   * @param of null for {@code count()} only
   */
  record Aggregate(Function function, @Nullable FieldExpression of) implements ScalarExpression {
    @Override
    public ValueType type() {
      return of == null
          ? ValueType.INT
          : of.type() == ValueType.ATTRIBUTE ? ValueType.FLOAT : of.type();
    }

    @Override
    public <S extends SpanView> Value evaluate(Spanset<S> spanset) {
      return of(spanset.spans());
    }

    private Value of(List<? extends SpanView> spans) {
      FieldExpression expression = of;
      if (expression == null) {
        return new Value.Int(spans.size());
      }
      List<Value> numbers =
          spans.stream().map(expression::evaluate).filter(Numbers::isNumber).toList();
      if (numbers.isEmpty()) {
        return Value.NIL;
      }
      return switch (function) {
        case COUNT -> new Value.Int(numbers.size());
        case MIN -> numbers.stream().min(BY_SIZE).orElse(Value.NIL);
        case MAX -> numbers.stream().max(BY_SIZE).orElse(Value.NIL);
        case SUM -> sum(numbers);
        case AVG -> average(numbers);
      };
    }

    private static final Comparator<Value> BY_SIZE = Numbers::compare;

    private static Value sum(List<Value> numbers) {
      return numbers.stream().reduce(ArithmeticOperator.ADD::apply).orElse(Value.NIL);
    }

    private static Value average(List<Value> numbers) {
      double average = numbers.stream().mapToDouble(Numbers::real).sum() / numbers.size();
      boolean durations = numbers.stream().allMatch(Value.Nanos.class::isInstance);
      return durations ? new Value.Nanos(Math.round(average)) : new Value.Real(average);
    }

    @Override
    public Stream<Aggregate> aggregates() {
      return Stream.of(this);
    }

    @Override
    public Stream<SpansetExpression> pipelines() {
      return Stream.empty();
    }

    private Stream<FieldExpression.Field> fieldsOf() {
      return of == null ? Stream.empty() : of.fields();
    }

    @Override
    public String text() {
      return "%s(%s)".formatted(function.word(), of == null ? "" : of.text());
    }
  }

  /** A constant of the query. */
  record Constant(Value value) implements ScalarExpression {
    @Override
    public ValueType type() {
      return value.type();
    }

    @Override
    public <S extends SpanView> Value evaluate(Spanset<S> spanset) {
      return value;
    }

    @Override
    public Stream<Aggregate> aggregates() {
      return Stream.empty();
    }

    @Override
    public Stream<SpansetExpression> pipelines() {
      return Stream.empty();
    }

    @Override
    public String text() {
      return value.literal();
    }
  }

  /** Calculates with two numbers. */
  record Calculation(ScalarExpression left, ArithmeticOperator operator, ScalarExpression right)
      implements ScalarExpression {
    @Override
    public ValueType type() {
      return operator.type(left.type(), right.type());
    }

    @Override
    public <S extends SpanView> Value evaluate(Spanset<S> spanset) {
      return operator.apply(left.evaluate(spanset), right.evaluate(spanset));
    }

    @Override
    public Stream<Aggregate> aggregates() {
      return Stream.concat(left.aggregates(), right.aggregates());
    }

    @Override
    public Stream<SpansetExpression> pipelines() {
      return Stream.concat(left.pipelines(), right.pipelines());
    }

    @Override
    public String text() {
      return "%s %s %s".formatted(operand(left), operator.symbol(), operand(right));
    }
  }

  /** A number of what a pipeline makes of the spanset: {@code ({ .a } | count())}. */
  record OfPipeline(SpansetExpression pipeline, ScalarExpression scalar)
      implements ScalarExpression {
    @Override
    public ValueType type() {
      return scalar.type();
    }

    @Override
    public <S extends SpanView> Value evaluate(Spanset<S> spanset) {
      return scalar.evaluate(Spanset.of(Spansets.union(spanset, pipeline.evaluate(spanset))));
    }

    @Override
    public Stream<Aggregate> aggregates() {
      return scalar.aggregates();
    }

    @Override
    public Stream<SpansetExpression> pipelines() {
      return Stream.concat(Stream.of(pipeline), scalar.pipelines());
    }

    @Override
    public String text() {
      return "(%s | %s)".formatted(pipeline.text(), scalar.text());
    }
  }

  private static String operand(ScalarExpression expression) {
    String text = expression.text();
    return expression instanceof Calculation || text.startsWith("-") ? "(" + text + ")" : text;
  }
}
