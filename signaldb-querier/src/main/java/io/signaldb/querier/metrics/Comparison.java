package io.signaldb.querier.metrics;

import io.signaldb.common.flight.TimeSteps;
import io.signaldb.querier.trace.Span;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.MetricsFunction.Compare;
import io.signaldb.querier.traceql.SpanView;
import io.signaldb.querier.traceql.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Counts how often each value of each field occurs among the spans that {@code compare()} selects,
 * and among the others. Used by one thread.
 */
final class Comparison {
  /** Values of one field that are told apart; a field with more is not worth comparing. */
  static final int MAX_VALUES = 2000;

  private static final String TYPE = "__meta_type";
  private static final Label TOO_MANY = new Label("__meta_error", "__too_many_values__");

  /** What a count of a value, and of an interval, takes of memory. */
  private static final int POINTS_PER_ENTRY = 6;

  private final Compare compare;
  private final Predicate<SpanView> selection;
  private final TimeSteps steps;
  private final PointBudget budget;
  private final List<FieldCounts> baseline = new ArrayList<>();
  private final List<FieldCounts> selected = new ArrayList<>();

  /**
   * @param fields those whose values are compared
   */
  Comparison(Compare compare, List<Field> fields, TimeSteps steps, PointBudget budget) {
    this.compare = compare;
    this.selection = compare.selection().predicate();
    this.steps = steps;
    this.budget = budget;
    for (Field field : fields) {
      baseline.add(new FieldCounts(field));
      selected.add(new FieldCounts(field));
    }
  }

  /** Takes a span. */
  void add(Span span) {
    int step = steps.indexOf(span.row().startUnixNano());
    for (FieldCounts counts : isSelected(span) ? selected : baseline) {
      counts.add(span, step);
    }
  }

  private boolean isSelected(Span span) {
    Compare.Window window = compare.window();
    long start = span.row().startUnixNano();
    boolean inWindow =
        window == null || (start >= window.startUnixNano() && start < window.endUnixNano());
    return inWindow && selection.test(span);
  }

  /** The series in any order. */
  List<Series> series() {
    List<Series> series = new ArrayList<>();
    baseline.forEach(counts -> counts.addSeries("baseline", series));
    selected.forEach(counts -> counts.addSeries("selection", series));
    return series;
  }

  /** Spans by interval; most values occur in few intervals. */
  private final class StepCounts {
    /** One more than the step, 0 for a free place; a step is at its number or behind. */
    private int[] keys = new int[4];

    private long[] counts = new long[4];
    private int size;
    private long total;

    void add(int step) {
      total++;
      int place = place(keys, step + 1);
      if (keys[place] == 0) {
        budget.take(POINTS_PER_ENTRY);
        if (++size * 2 > keys.length) {
          grow();
          place = place(keys, step + 1);
        }
        keys[place] = step + 1;
      }
      counts[place]++;
    }

    private static int place(int[] keys, int key) {
      int place = key & (keys.length - 1);
      while (keys[place] != 0 && keys[place] != key) {
        place = (place + 1) & (keys.length - 1);
      }
      return place;
    }

    private void grow() {
      int[] moreKeys = new int[keys.length * 2];
      long[] moreCounts = new long[keys.length * 2];
      for (int i = 0; i < keys.length; i++) {
        if (keys[i] != 0) {
          int place = place(moreKeys, keys[i]);
          moreKeys[place] = keys[i];
          moreCounts[place] = counts[i];
        }
      }
      keys = moreKeys;
      counts = moreCounts;
    }

    double[] values() {
      double[] values = new double[steps.count()];
      for (int i = 0; i < keys.length; i++) {
        if (keys[i] != 0) {
          values[keys[i] - 1] = counts[i];
        }
      }
      return values;
    }
  }

  /** The values of one field. */
  private final class FieldCounts {
    private final Field field;
    private final Map<Value, StepCounts> byValue = new HashMap<>();
    private final StepCounts all = new StepCounts();
    private boolean tooMany;

    FieldCounts(Field field) {
      this.field = field;
    }

    void add(Span span, int step) {
      Value value = field.evaluate(span);
      if (value == Value.NIL || (value instanceof Value.Text text && text.text().isEmpty())) {
        return;
      }
      all.add(step);
      if (tooMany) {
        return;
      }
      StepCounts known = byValue.get(value);
      if (known == null) {
        if (byValue.size() == MAX_VALUES) {
          tooMany = true;
          byValue.clear();
          return;
        }
        budget.take(POINTS_PER_ENTRY);
        known = new StepCounts();
        byValue.put(value, known);
      }
      known.add(step);
    }

    void addSeries(String type, List<Series> series) {
      if (all.total == 0) {
        return;
      }
      Label nil = new Label(field.text(), null);
      series.add(
          new Series(List.of(new Label(TYPE, type + "_total"), nil), all.values(), List.of()));
      if (tooMany) {
        series.add(
            new Series(List.of(new Label(TYPE, type), TOO_MANY, nil), all.values(), List.of()));
        return;
      }
      byValue.entrySet().stream()
          .sorted(
              Comparator.comparingLong(
                      (Map.Entry<Value, StepCounts> entry) -> -entry.getValue().total)
                  .thenComparing(entry -> entry.getKey().literal()))
          .limit(compare.topN())
          .forEach(
              entry ->
                  series.add(
                      new Series(
                          List.of(new Label(TYPE, type), SpanGroups.label(field, entry.getKey())),
                          entry.getValue().values(),
                          List.of())));
    }
  }
}
