package io.signaldb.querier.metrics;

import java.util.List;

/**
 * A span shown beside a series.
 *
 * @param labels what identifies the span, first of all {@code trace:id}
 */
public record Exemplar(long timestampMillis, double value, List<Label> labels) {
  public Exemplar {
    labels = List.copyOf(labels);
  }
}
