package io.signaldb.querier.metrics;

import java.util.List;

/** A time series: a value, or none, in each of the steps of a query. Immutable. */
public final class Series {
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
