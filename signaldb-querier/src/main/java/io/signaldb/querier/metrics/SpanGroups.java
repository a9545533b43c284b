package io.signaldb.querier.metrics;

import io.signaldb.common.flight.TimeSteps;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.MetricsFunction;
import io.signaldb.querier.traceql.SpanView;
import io.signaldb.querier.traceql.Value;
import io.signaldb.querier.traceql.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Sorts spans into groups and intervals, and makes the series of a metrics function of them, but
 * {@code compare()}. Used by one thread.
 */
final class SpanGroups {
  private static final double NANOS_PER_SECOND = 1e9;

  /** Exemplars are chosen of so many times more candidates. */
  private static final int CANDIDATES = 16;

  private final MetricsFunction function;
  private final TimeSteps steps;
  private final int maxExemplars;
  private final PointBudget budget;
  private final Map<List<Value>, Points> groups = new HashMap<>();
  private final List<Candidate> candidates = new ArrayList<>();

  /** The first span of a group in an interval. */
  private record Candidate(List<Value> group, int step, Sighting span) {}

  SpanGroups(MetricsFunction function, TimeSteps steps, int maxExemplars, PointBudget budget) {
    this.function = function;
    this.steps = steps;
    this.maxExemplars = maxExemplars;
    this.budget = budget;
  }

  /** What the function measures of a span; null where it only counts. */
  static @Nullable Field measured(MetricsFunction function) {
    return function instanceof MetricsFunction.OverTime overTime
        ? overTime.of()
        : function instanceof MetricsFunction.Quantiles quantiles
            ? quantiles.of()
            : function instanceof MetricsFunction.Histogram histogram ? histogram.of() : null;
  }

  /** Whether sightings are wanted still. */
  boolean wantsSightings() {
    return candidates.size() < CANDIDATES * (long) maxExemplars;
  }

  /** Takes a span, unless it has nothing to measure. */
  void add(SpanView span, String traceId, long startUnixNano) {
    Field of = measured(function);
    double value = of == null ? Double.NaN : number(of.evaluate(span));
    if (of == null || !Double.isNaN(value)) {
      List<Value> group = function.by().stream().map(field -> field.evaluate(span)).toList();
      add(
          group,
          steps.indexOf(startUnixNano),
          Measurement.of(value),
          new Sighting(traceId, startUnixNano, value));
    }
  }

  /**
   * Takes spans.
   *
   * @param group the values of {@link MetricsFunction#by}
   * @param spans in one bucket, where the function has buckets
   * @param one of the spans; null if none is known
   */
  void add(List<Value> group, int step, Measurement spans, @Nullable Sighting one) {
    List<Value> key = group;
    if (function instanceof MetricsFunction.Histogram) {
      key = new ArrayList<>(group);
      key.add(new Value.Real(Buckets.powerOfTwo(spans.max())));
    }
    boolean first = points(key).add(step, spans);
    if (first && one != null && wantsSightings()) {
      candidates.add(new Candidate(key, step, one));
    }
  }

  private Points points(List<Value> group) {
    Points points = groups.get(group);
    if (points == null) {
      points = Points.of(function, steps.count(), steps.stepNanos() / NANOS_PER_SECOND, budget);
      groups.put(List.copyOf(group), points);
    }
    return points;
  }

  /**
   * The series in any order. Spans that are counted without groups make one series whether there
   * are any or not.
   */
  List<Series> series() {
    if (function instanceof MetricsFunction.Count && function.by().isEmpty()) {
      points(List.of());
    }
    Map<List<Value>, List<Candidate>> chosen = new HashMap<>();
    for (Candidate candidate : chosen()) {
      chosen.computeIfAbsent(candidate.group, group -> new ArrayList<>()).add(candidate);
    }
    List<Series> series = new ArrayList<>();
    groups.forEach(
        (group, points) ->
            addSeries(group, points.parts(), chosen.getOrDefault(group, List.of()), series));
    return series;
  }

  private void addSeries(
      List<Value> group, List<Points.Part> parts, List<Candidate> shown, List<Series> series) {
    List<List<Exemplar>> exemplars = new ArrayList<>();
    parts.forEach(part -> exemplars.add(new ArrayList<>()));
    for (Candidate candidate : shown) {
      exemplars.get(nearest(parts, candidate)).add(exemplar(candidate, parts.get(0)));
    }
    for (int i = 0; i < parts.size(); i++) {
      Points.Part part = parts.get(i);
      List<Label> labels = labels(group);
      if (part.label() != null) {
        labels.add(part.label());
      }
      if (labels.isEmpty()) {
        labels.add(new Label(Series.NAME, name()));
      }
      double[] values = part.values();
      if (!(function instanceof MetricsFunction.Histogram)) {
        for (int step = 0; step < values.length; step++) {
          values[step] /= unit();
        }
      }
      series.add(new Series(labels, values, exemplars.get(i)));
    }
  }

  /** The part whose value is the nearest to the span's. */
  private static int nearest(List<Points.Part> parts, Candidate candidate) {
    int nearest = 0;
    for (int i = 1; i < parts.size(); i++) {
      if (distance(parts.get(i), candidate) < distance(parts.get(nearest), candidate)) {
        nearest = i;
      }
    }
    return nearest;
  }

  private static double distance(Points.Part part, Candidate candidate) {
    return Math.abs(part.values()[candidate.step] - candidate.span.value());
  }

  /** Of a span that is only counted, the value is that of its interval. */
  private Exemplar exemplar(Candidate candidate, Points.Part counts) {
    Sighting span = candidate.span;
    double value =
        measured(function) == null ? counts.values()[candidate.step] : span.value() / unit();
    return new Exemplar(
        TimeUnit.NANOSECONDS.toMillis(span.startUnixNano()),
        value,
        List.of(new Label("trace:id", span.traceId())));
  }

  /** As many as are wanted, from the first candidate to the last. */
  private List<Candidate> chosen() {
    int count = Math.min(maxExemplars, candidates.size());
    LongUnaryOperator index = i -> i * candidates.size() / count;
    return LongStream.range(0, count).map(index).mapToObj(i -> candidates.get((int) i)).toList();
  }

  private List<Label> labels(List<Value> group) {
    List<Label> labels = new ArrayList<>();
    List<Field> by = function.by();
    for (int i = 0; i < by.size(); i++) {
      labels.add(label(by.get(i), group.get(i)));
    }
    if (function instanceof MetricsFunction.Histogram) {
      double bound = ((Value.Real) group.get(by.size())).number();
      labels.add(new Label("__bucket", bound / unit()));
    }
    return labels;
  }

  /** A field's value as a part of the name of a series. */
  static Label label(FieldExpression field, Value value) {
    return new Label(
        field.text(),
        value == Value.NIL
            ? null
            : value instanceof Value.Text text
                ? text.text()
                : value instanceof Value.Int integer
                    ? (Object) integer.number()
                    : value instanceof Value.Real real
                        ? (Object) real.number()
                        : value instanceof Value.Bool bool
                            ? (Object) bool.truth()
                            : value.literal());
  }

  /** What values are divided by: durations are measured in nanoseconds and shown in seconds. */
  private double unit() {
    Field of = measured(function);
    return of != null && of.type() == ValueType.DURATION ? NANOS_PER_SECOND : 1;
  }

  private String name() {
    if (function instanceof MetricsFunction.OverTime overTime) {
      return overTime.function().name().toLowerCase(Locale.ROOT) + "_over_time";
    }
    return ((MetricsFunction.Count) function).perSecond() ? "rate" : "count_over_time";
  }

  /** NaN for what is no number. */
  private static double number(Value value) {
    return value instanceof Value.Nanos nanos
        ? nanos.nanos()
        : value instanceof Value.Int integer
            ? integer.number()
            : value instanceof Value.Real real ? real.number() : Double.NaN;
  }
}
