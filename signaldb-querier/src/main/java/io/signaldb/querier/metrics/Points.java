package io.signaldb.querier.metrics;

import io.signaldb.querier.traceql.MetricsFunction;
import io.signaldb.querier.traceql.ScalarExpression;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongToDoubleFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What a function makes of one group of spans in each interval. Used by one thread. */
interface Points {
  /**
   * Takes spans of an interval.
   *
   * @return whether they are the first there
   */
  boolean add(int step, Measurement spans);

  /** The series, in the unit of the values. */
  List<Part> parts();

  /**
   * One of the series of a group.
   *
   * @param label what distinguishes it from the others; null if there is only one
   * @param values one per interval, NaN for none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Part(@Nullable Label label, double[] values) {}

  /**
   * No spans yet.
   *
   * @param stepSeconds length of an interval
   */
  static Points of(MetricsFunction function, int steps, double stepSeconds, PointBudget budget) {
    if (function instanceof MetricsFunction.OverTime overTime) {
      return ofValues(overTime.function(), steps, budget);
    }
    if (function instanceof MetricsFunction.Quantiles quantiles) {
      return new Sketches(quantiles.quantiles(), steps, budget);
    }
    boolean perSecond = function instanceof MetricsFunction.Count count && count.perSecond();
    return new Counts(
        steps, perSecond ? count -> count / stepSeconds : count -> (double) count, budget);
  }

  private static Points ofValues(
      ScalarExpression.Function function, int steps, PointBudget budget) {
    return switch (function) {
      case MIN -> new Values(steps, Measurement::min, Math::min, budget);
      case MAX -> new Values(steps, Measurement::max, Math::max, budget);
      case SUM -> new Values(steps, Measurement::sum, Double::sum, budget);
      case AVG -> new Means(steps, budget);
      case COUNT -> throw new IllegalArgumentException("Values are not counted over time");
    };
  }

  /** Numbers of spans; zero where there are none. */
  final class Counts implements Points {
    private final long[] counts;
    private final LongToDoubleFunction unit;

    Counts(int steps, LongToDoubleFunction unit, PointBudget budget) {
      budget.take(steps);
      this.counts = new long[steps];
      this.unit = unit;
    }

    @Override
    public boolean add(int step, Measurement spans) {
      boolean first = counts[step] == 0;
      counts[step] += spans.count();
      return first;
    }

    @Override
    public List<Part> parts() {
      return List.of(new Part(null, Arrays.stream(counts).mapToDouble(unit).toArray()));
    }
  }

  /** One number that gathers all values. */
  final class Values implements Points {
    private final double[] values;
    private final ToDoubleFunction<Measurement> ofSpans;
    private final DoubleBinaryOperator together;

    /**
     * @param ofSpans what is gathered of some spans
     * @param together what is gathered of them and others
     */
    Values(
        int steps,
        ToDoubleFunction<Measurement> ofSpans,
        DoubleBinaryOperator together,
        PointBudget budget) {
      budget.take(steps);
      this.values = new double[steps];
      this.ofSpans = ofSpans;
      this.together = together;
      Arrays.fill(values, Double.NaN);
    }

    @Override
    public boolean add(int step, Measurement spans) {
      double value = ofSpans.applyAsDouble(spans);
      boolean first = Double.isNaN(values[step]);
      values[step] = first ? value : together.applyAsDouble(values[step], value);
      return first;
    }

    @Override
    public List<Part> parts() {
      return List.of(new Part(null, values));
    }
  }

  /** Means of values. */
  final class Means implements Points {
    private final double[] sums;
    private final long[] counts;

    Means(int steps, PointBudget budget) {
      budget.take(2L * steps);
      this.sums = new double[steps];
      this.counts = new long[steps];
    }

    @Override
    public boolean add(int step, Measurement spans) {
      boolean first = counts[step] == 0;
      sums[step] += spans.sum();
      counts[step] += spans.count();
      return first;
    }

    @Override
    public List<Part> parts() {
      double[] means = new double[sums.length];
      Arrays.setAll(means, step -> counts[step] == 0 ? Double.NaN : sums[step] / counts[step]);
      return List.of(new Part(null, means));
    }
  }

  /** A series for each of some quantiles. */
  final class Sketches implements Points {
    /** A bucket takes as much memory as so many points. */
    private static final int POINTS_PER_BUCKET = 12;

    private final List<Double> quantiles;
    private final @Nullable QuantileSketch[] sketches;
    private final PointBudget budget;

    Sketches(List<Double> quantiles, int steps, PointBudget budget) {
      budget.take((quantiles.size() + 1L) * steps);
      this.quantiles = quantiles;
      this.sketches = new QuantileSketch[steps];
      this.budget = budget;
    }

    @Override
    public boolean add(int step, Measurement spans) {
      QuantileSketch sketch = sketches[step];
      boolean first = sketch == null;
      if (sketch == null) {
        sketch = new QuantileSketch();
        sketches[step] = sketch;
      }
      if (sketch.add(spans)) {
        budget.take(POINTS_PER_BUCKET);
      }
      return first;
    }

    @Override
    public List<Part> parts() {
      return quantiles.stream()
          .map(quantile -> new Part(new Label("p", quantile), values(quantile)))
          .toList();
    }

    private double[] values(double quantile) {
      double[] values = new double[sketches.length];
      Arrays.setAll(
          values,
          step -> {
            QuantileSketch sketch = sketches[step];
            return sketch == null ? Double.NaN : sketch.quantile(quantile);
          });
      return values;
    }
  }
}
