package io.signaldb.querier;

import io.signaldb.common.flight.TimeSteps;
import io.signaldb.querier.ReferenceQuery.Expression;
import io.signaldb.querier.ReferenceQuery.Group;
import io.signaldb.querier.ReferenceQuery.Seen;
import io.signaldb.querier.ReferenceValues.Time;
import io.signaldb.querier.ReferenceValues.Word;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.MetricsExpression;
import io.signaldb.querier.traceql.MetricsFunction;
import io.signaldb.querier.traceql.Scope;
import io.signaldb.querier.traceql.SpansetExpression;
import io.signaldb.querier.traceql.TraceQl;
import io.signaldb.querier.traceql.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What queries find among spans in memory: slowly, and in ways that are easy to see through. Only
 * the parser is shared with the Querier.
 */
public final class ReferenceAnswers {
  private final List<TestSpan> spans;
  private final Map<String, ReferenceTrace> traces = new TreeMap<>();

  /**
   * @param spans of any traces; the same span may be there twice
   */
  public ReferenceAnswers(Collection<TestSpan> spans) {
    this.spans = ReferenceMetrics.once(List.copyOf(spans));
    Map<String, List<TestSpan>> byTrace = new HashMap<>();
    this.spans.forEach(
        span -> byTrace.computeIfAbsent(span.traceId(), id -> new ArrayList<>()).add(span));
    byTrace.forEach((id, ofTrace) -> traces.put(id, new ReferenceTrace(ofTrace)));
  }

  /** Numbers of spans in each spanset that a query for traces finds, by trace id. */
  public Map<String, List<Integer>> search(String q) {
    ReferenceQuery query = query(TraceQl.parseSearch(q).spansets());
    Map<String, List<Integer>> found = new TreeMap<>();
    traces.forEach(
        (id, trace) -> {
          List<Group> groups = query.result(trace, trace.spans);
          if (!groups.isEmpty()) {
            found.put(id, groups.stream().map(group -> group.spans().size()).toList());
          }
        });
    return found;
  }

  /**
   * The series of a query, by labels as {@code key=value, …}.
   *
   * @return a value for each step, NaN for none
   */
  public Map<String, double[]> series(String q, TimeSteps steps) {
    Map<String, double[]> series = series(TraceQl.parseMetrics(q).series(), steps);
    series.values().removeIf(values -> Arrays.stream(values).allMatch(Double::isNaN));
    return series;
  }

  private static ReferenceQuery query(SpansetExpression expression) {
    return new ReferenceQuery(expression.text(), ReferenceTranslation.stage(expression));
  }

  private Map<String, double[]> series(MetricsExpression expression, TimeSteps steps) {
    if (expression instanceof MetricsExpression.OfSpans ofSpans) {
      List<TestSpan> selected = selected(ofSpans.spans(), steps);
      return ofSpans.function() instanceof MetricsFunction.Compare compare
          ? compared(compare, selected, steps)
          : measured(ofSpans.function(), selected, steps);
    }
    if (expression instanceof MetricsExpression.Ranking ranking) {
      return ranked(series(ranking.of(), steps), ranking, steps);
    }
    if (expression instanceof MetricsExpression.Threshold threshold) {
      return mapped(
          series(threshold.of(), steps),
          value -> {
            String operator = threshold.operator().symbol();
            return ReferenceValues.compare(value, operator, threshold.number(), false)
                ? value
                : Double.NaN;
          });
    }
    MetricsExpression.Calculation sides = (MetricsExpression.Calculation) expression;
    DoubleBinaryOperator operator =
        (left, right) -> {
          Object result = ReferenceValues.calculate(left, sides.operator().symbol(), right);
          return result == null ? Double.NaN : ReferenceValues.real(result);
        };
    if (sides.left() instanceof MetricsExpression.Constant left) {
      return mapped(
          series(sides.right(), steps), value -> operator.applyAsDouble(left.number(), value));
    }
    if (sides.right() instanceof MetricsExpression.Constant right) {
      return mapped(
          series(sides.left(), steps), value -> operator.applyAsDouble(value, right.number()));
    }
    return joined(series(sides.left(), steps), operator, series(sides.right(), steps));
  }

  private List<TestSpan> selected(SpansetExpression expression, TimeSteps steps) {
    ReferenceQuery query = query(expression);
    Set<TestSpan> selected = new LinkedHashSet<>();
    for (ReferenceTrace trace : traces.values()) {
      List<TestSpan> counting =
          trace.spans.stream().filter(span -> steps.indexOf(span.startUnixNano()) >= 0).toList();
      query.result(trace, counting).forEach(group -> selected.addAll(group.spans()));
    }
    return List.copyOf(selected);
  }

  private @Nullable Object value(FieldExpression field, TestSpan span) {
    ReferenceTrace trace = traces.get(span.traceId());
    if (trace == null) {
      throw new IllegalArgumentException("Not one of the spans: " + span.spanId());
    }
    return ReferenceTranslation.expression(field).value().apply(Seen.whole(trace, span));
  }

  private Map<String, double[]> measured(
      MetricsFunction function, List<TestSpan> selected, TimeSteps steps) {
    Map<String, Function<TestSpan, Object>> by = new LinkedHashMap<>();
    function.by().forEach(field -> by.put(field.text(), span -> label(value(field, span))));
    FieldExpression of =
        function
            .fields()
            .findFirst()
            .filter(field -> !(function instanceof MetricsFunction.Count))
            .orElse(null);
    return ReferenceMetrics.series(
        function.text().substring(0, function.text().indexOf('(')),
        selected,
        steps,
        by,
        span -> of == null ? Double.NaN : number(value(of, span)),
        of != null && of.type() == ValueType.DURATION ? (double) TestSpan.SECOND : 1,
        function instanceof MetricsFunction.Quantiles quantiles
            ? quantiles.quantiles()
            : List.of());
  }

  private static double number(@Nullable Object value) {
    return value != null && ReferenceValues.isNumber(value)
        ? ReferenceValues.real(value)
        : Double.NaN;
  }

  private static Object label(@Nullable Object value) {
    return value == null ? "nil" : value instanceof Word word ? word.text() : value;
  }

  private Map<String, double[]> compared(
      MetricsFunction.Compare compare, List<TestSpan> selected, TimeSteps steps) {
    Expression condition = ReferenceTranslation.expression(compare.selection().condition());
    MetricsFunction.Compare.Window window = compare.window();
    List<TestSpan> ofSelection = new ArrayList<>();
    List<TestSpan> others = new ArrayList<>();
    for (TestSpan span : selected) {
      boolean inWindow =
          window == null
              || (span.startUnixNano() >= window.startUnixNano()
                  && span.startUnixNano() < window.endUnixNano());
      Seen seen = Seen.whole(new ReferenceTrace(List.of(span)), span);
      boolean holds = Boolean.TRUE.equals(ReferenceValues.truth(condition.value().apply(seen)));
      (inWindow && holds ? ofSelection : others).add(span);
    }
    Map<String, double[]> series = new TreeMap<>();
    for (FieldExpression.Field field : comparedFields()) {
      compared(field, "selection", ofSelection, compare.topN(), steps, series);
      compared(field, "baseline", others, compare.topN(), steps, series);
    }
    return series;
  }

  private Set<FieldExpression.Field> comparedFields() {
    Set<FieldExpression.Field> fields = new LinkedHashSet<>();
    for (String name : List.of("name", "kind", "status", "statusMessage")) {
      fields.add(TraceQl.parseField(name));
    }
    for (TestSpan span : spans) {
      span.attributes().keySet().forEach(key -> fields.add(new Attribute(Scope.SPAN, key)));
      span.resource().keySet().forEach(key -> fields.add(new Attribute(Scope.RESOURCE, key)));
      span.scope().keySet().forEach(key -> fields.add(new Attribute(Scope.INSTRUMENTATION, key)));
    }
    return fields;
  }

  private void compared(
      FieldExpression.Field field,
      String type,
      List<TestSpan> some,
      int topN,
      TimeSteps steps,
      Map<String, double[]> series) {
    Map<String, double[]> byValue = new TreeMap<>();
    double[] all = new double[steps.count()];
    for (TestSpan span : some) {
      Object value = value(field, span);
      if (value != null && !value.equals("")) {
        int step = steps.indexOf(span.startUnixNano());
        all[step]++;
        byValue.computeIfAbsent(shown(value), text -> new double[steps.count()])[step]++;
      }
    }
    if (byValue.isEmpty()) {
      return;
    }
    String labels = "__meta_type=" + type;
    series.put("%s_total, %s=nil".formatted(labels, field.text()), all);
    byValue.entrySet().stream()
        .sorted(
            Comparator.comparingDouble(
                    (Map.Entry<String, double[]> entry) -> -Arrays.stream(entry.getValue()).sum())
                .thenComparing(Map.Entry::getKey))
        .limit(topN)
        .forEach(
            entry ->
                series.put(
                    "%s, %s=%s".formatted(labels, field.text(), entry.getKey()), entry.getValue()));
  }

  /** As a query writes it, but a text as it is. */
  private static String shown(Object value) {
    if (value instanceof List<?> elements) {
      return elements.stream()
          .map(element -> element instanceof String text ? '"' + text + '"' : shown(element))
          .toList()
          .toString();
    }
    return value instanceof Word word
        ? word.text()
        : value instanceof Time time ? time.nanos() + "ns" : value.toString();
  }

  private static Map<String, double[]> ranked(
      Map<String, double[]> series, MetricsExpression.Ranking ranking, TimeSteps steps) {
    Map<String, double[]> kept = new TreeMap<>();
    series.keySet().forEach(labels -> kept.put(labels, nothing(steps)));
    for (int at = 0; at < steps.count(); at++) {
      int step = at;
      Comparator<Map.Entry<String, double[]>> least =
          Comparator.comparingDouble(entry -> entry.getValue()[step]);
      series.entrySet().stream()
          .filter(entry -> !Double.isNaN(entry.getValue()[step]))
          .sorted((ranking.greatest() ? least.reversed() : least).thenComparing(Map.Entry::getKey))
          .limit(ranking.count())
          .forEach(
              entry ->
                  kept.getOrDefault(entry.getKey(), new double[0])[step] = entry.getValue()[step]);
    }
    return kept;
  }

  private static double[] nothing(TimeSteps steps) {
    return IntStream.range(0, steps.count()).mapToDouble(step -> Double.NaN).toArray();
  }

  private static Map<String, double[]> mapped(
      Map<String, double[]> series, Function<Double, Double> function) {
    Map<String, double[]> results = new TreeMap<>();
    series.forEach(
        (labels, values) ->
            results.put(
                labels, Arrays.stream(values).map(value -> function.apply(value)).toArray()));
    return results;
  }

  private static Map<String, double[]> joined(
      Map<String, double[]> lefts, DoubleBinaryOperator operator, Map<String, double[]> rights) {
    Map<String, double[]> results = new TreeMap<>();
    lefts.forEach(
        (left, ofLeft) ->
            rights.forEach(
                (right, ofRight) -> {
                  boolean one = isAlone(left);
                  if (one || isAlone(right) || left.equals(right)) {
                    results.put(
                        one && !isAlone(right) ? right : left,
                        IntStream.range(0, ofLeft.length)
                            .mapToDouble(i -> operator.applyAsDouble(ofLeft[i], ofRight[i]))
                            .toArray());
                  }
                }));
    return results;
  }

  /** Whether a series is of all spans together. */
  private static boolean isAlone(String labels) {
    return labels.startsWith("__name__=");
  }
}
