package io.signaldb.querier.metrics;

import io.signaldb.common.flight.TimeSteps;
import io.signaldb.querier.traceql.ArithmeticOperator;
import io.signaldb.querier.traceql.MetricsExpression;
import io.signaldb.querier.traceql.MetricsExpression.Calculation;
import io.signaldb.querier.traceql.MetricsExpression.Constant;
import io.signaldb.querier.traceql.MetricsExpression.OfSpans;
import io.signaldb.querier.traceql.MetricsExpression.Ranking;
import io.signaldb.querier.traceql.MetricsExpression.Threshold;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Evaluates metrics expressions above the series of spans. Used by one thread. */
final class SecondStages {
  private final TimeSteps steps;
  private final Function<OfSpans, List<Series>> firstStage;

  /**
   * @param steps those of all series
   * @param firstStage makes the series of spans, without two that have the same labels
   */
  SecondStages(TimeSteps steps, Function<OfSpans, List<Series>> firstStage) {
    this.steps = steps;
    this.firstStage = firstStage;
  }

  /** The series in any order; some may have no values. */
  List<Series> evaluate(MetricsExpression expression) {
    if (expression instanceof OfSpans ofSpans) {
      return firstStage.apply(ofSpans);
    }
    if (expression instanceof Ranking ranking) {
      return ranked(evaluate(ranking.of()), ranking);
    }
    if (expression instanceof Threshold threshold) {
      return evaluate(threshold.of()).stream()
          .map(series -> kept(series, step -> threshold.holds(series.value(step))))
          .toList();
    }
    if (expression instanceof Calculation calculation) {
      return calculated(calculation);
    }
    throw new IllegalArgumentException(
        "'%s' has no series: expected a number to stand beside series"
            .formatted(expression.text()));
  }

  /** The points, and the exemplars of the points, for which {@code keep} holds. */
  private Series kept(Series series, IntPredicate keep) {
    double[] values = new double[series.steps()];
    Arrays.setAll(values, step -> keep.test(step) ? series.value(step) : Double.NaN);
    List<Exemplar> exemplars =
        series.exemplars().stream().filter(exemplar -> isAtValue(exemplar, values)).toList();
    return new Series(series.labels(), values, exemplars);
  }

  private boolean isAtValue(Exemplar exemplar, double[] values) {
    int step = steps.indexOf(TimeUnit.MILLISECONDS.toNanos(exemplar.timestampMillis()));
    return step >= 0 && !Double.isNaN(values[step]);
  }

  /** Of series with equal values the first in the order of labels wins. */
  private List<Series> ranked(List<Series> series, Ranking ranking) {
    List<Series> inOrder = series.stream().sorted(Series.BY_LABELS).toList();
    boolean[][] kept = new boolean[inOrder.size()][steps.count()];
    for (int at = 0; at < steps.count(); at++) {
      int step = at;
      Comparator<Integer> least = Comparator.comparingDouble(i -> inOrder.get(i).value(step));
      IntStream.range(0, inOrder.size())
          .boxed()
          .filter(i -> !Double.isNaN(inOrder.get(i).value(step)))
          .sorted(ranking.greatest() ? least.reversed() : least)
          .limit(ranking.count())
          .forEach(i -> kept[i][step] = true);
    }
    return IntStream.range(0, inOrder.size())
        .mapToObj(i -> kept(inOrder.get(i), step -> kept[i][step]))
        .toList();
  }

  private List<Series> calculated(Calculation calculation) {
    DoubleBinaryOperator operator = function(calculation.operator());
    if (calculation.left() instanceof Constant left) {
      return evaluate(calculation.right()).stream()
          .map(series -> map(series, value -> operator.applyAsDouble(left.number(), value)))
          .toList();
    }
    if (calculation.right() instanceof Constant right) {
      return evaluate(calculation.left()).stream()
          .map(series -> map(series, value -> operator.applyAsDouble(value, right.number())))
          .toList();
    }
    return joined(evaluate(calculation.left()), operator, evaluate(calculation.right()));
  }

  private static DoubleBinaryOperator function(ArithmeticOperator operator) {
    return switch (operator) {
      case ADD -> Double::sum;
      case SUBTRACT -> (left, right) -> left - right;
      case MULTIPLY -> (left, right) -> left * right;
      case DIVIDE -> (left, right) -> right == 0 ? Double.NaN : left / right;
      case MODULO, POWER ->
          throw new IllegalArgumentException(
              "Series do not calculate with '%s'".formatted(operator.symbol()));
    };
  }

  private static Series map(Series series, DoubleUnaryOperator function) {
    double[] values = new double[series.steps()];
    Arrays.setAll(values, step -> function.applyAsDouble(series.value(step)));
    return new Series(series.labels(), values, List.of());
  }

  private static List<Series> joined(
      List<Series> lefts, DoubleBinaryOperator operator, List<Series> rights) {
    Map<List<Label>, Series> byLabels = new HashMap<>();
    rights.forEach(series -> byLabels.put(series.grouping(), series));
    boolean alone = lefts.size() == 1 && lefts.get(0).grouping().isEmpty();
    List<Series> results = new ArrayList<>();
    if (alone) {
      rights.forEach(
          right ->
              results.add(
                  joined(
                      right.grouping().isEmpty() ? lefts.get(0) : right,
                      lefts.get(0),
                      operator,
                      right)));
      return results;
    }
    Series ofAll = byLabels.get(List.<Label>of());
    for (Series left : lefts) {
      Series right = byLabels.getOrDefault(left.grouping(), ofAll);
      if (right != null) {
        results.add(joined(left, left, operator, right));
      }
    }
    return results;
  }

  private static Series joined(
      Series named, Series left, DoubleBinaryOperator operator, Series right) {
    double[] values = new double[left.steps()];
    Arrays.setAll(values, step -> operator.applyAsDouble(left.value(step), right.value(step)));
    return new Series(named.labels(), values, List.of());
  }
}
