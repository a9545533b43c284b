package io.signaldb.acceptor.prometheus;

import io.signaldb.acceptor.prometheus.Labels.Label;
import java.util.ArrayList;
import java.util.List;

/** Labels from the bytes of a request. */
final class SeriesLabels {
  static final Tally ONE_EXEMPLAR = new Tally(0, 0, 1);

  private SeriesLabels() {}

  /** A label before its UTF-8 is checked. */
  record Raw(Text name, Text value) {}

  /**
   * The labels of a series.
   *
   * @throws RefusedException also if there is no name of a metric among them
   */
  static Labels ofSeries(List<Raw> raw) throws RefusedException {
    Labels labels = of("series", raw);
    if (labels.find(Labels.METRIC_NAME) == null) {
      throw new RefusedException(
          "series %s has no name, expected a label %s that is not empty"
              .formatted(labels, Labels.METRIC_NAME));
    }
    return labels;
  }

  static SeriesExemplar exemplar(List<Raw> raw, double value, long timestampMillis)
      throws RefusedException {
    Labels labels = of("exemplar", raw);
    if (!Times.isRepresentable(timestampMillis)) {
      throw new RefusedException(
          "exemplar %s has timestamp %d, expected milliseconds from 1970 to 2262"
              .formatted(labels, timestampMillis));
    }
    return new SeriesExemplar(labels, value, timestampMillis);
  }

  private static Labels of(String what, List<Raw> raw) throws RefusedException {
    boolean valid = true;
    List<Label> labels = new ArrayList<>(raw.size());
    for (Raw label : raw) {
      valid &= label.name().isValid() && label.value().isValid();
      labels.add(new Label(label.name().text(), label.value().text()));
    }
    if (!valid) {
      throw new RefusedException(
          "%s %s has labels that are not UTF-8".formatted(what, Labels.shown(labels)));
    }
    return Labels.of(what, labels);
  }
}
