package io.signaldb.querier.metrics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A time series: a value, or none, in each of the steps of a query. Immutable. */
public final class Series {
  /** The label of a series that has no other. */
  static final String NAME = "__name__";

  /** By the first label that differs: nil first, numbers by size, then texts. */
  static final Comparator<Series> BY_LABELS = Series::compareLabels;

  private final List<Label> labels;
  private final double[] values;
  private final List<Exemplar> exemplars;

  /**
   * @param values one per step in their order, NaN for none; taken over
   */
  public Series(List<Label> labels, double[] values, List<Exemplar> exemplars) {
    this.labels = List.copyOf(labels);
    this.values = values;
    this.exemplars = List.copyOf(exemplars);
  }

  /** The name of the series, in the order of the query. */
  public List<Label> labels() {
    return labels;
  }

  /** The labels that say what spans the series is of. */
  List<Label> grouping() {
    return labels.size() == 1 && labels.get(0).key().equals(NAME) ? List.of() : labels;
  }

  /** Whether there is a value in any step. */
  boolean hasValues() {
    return Arrays.stream(values).anyMatch(value -> !Double.isNaN(value));
  }

  private static int compareLabels(Series one, Series other) {
    int common = Math.min(one.labels.size(), other.labels.size());
    for (int i = 0; i < common; i++) {
      int order = compare(one.labels.get(i), other.labels.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(one.labels.size(), other.labels.size());
  }

  private static int compare(Label one, Label other) {
    int byKey = one.key().compareTo(other.key());
    if (byKey != 0) {
      return byKey;
    }
    int byKind = Integer.compare(kind(one.value()), kind(other.value()));
    if (byKind != 0) {
      return byKind;
    }
    if (one.value() instanceof Number a && other.value() instanceof Number b) {
      return a instanceof Long && b instanceof Long
          ? Long.compare(a.longValue(), b.longValue())
          : Double.compare(a.doubleValue(), b.doubleValue());
    }
    return String.valueOf(one.value()).compareTo(String.valueOf(other.value()));
  }

  private static int kind(@Nullable Object value) {
    return value == null ? 0 : value instanceof Number ? 1 : value instanceof Boolean ? 2 : 3;
  }

  /** How many steps there are. */
  public int steps() {
    return values.length;
  }

  /** The value in a step, NaN for none. */
  public double value(int step) {
    return values[step];
  }

  public List<Exemplar> exemplars() {
    return exemplars;
  }
}
