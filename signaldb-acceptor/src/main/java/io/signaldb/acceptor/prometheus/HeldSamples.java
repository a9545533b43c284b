package io.signaldb.acceptor.prometheus;

import io.signaldb.acceptor.prometheus.Labels.Label;
import java.util.ArrayList;
import java.util.List;

/**
 * What a data point stands for.
 *
 * @param tally its exemplars included
 */
record HeldSamples(String metric, Labels attributes, Tally tally) {
  /** Metric and attributes, for messages. */
  String series() {
    List<Label> labels = new ArrayList<>(attributes.sorted());
    labels.add(new Label(Labels.METRIC_NAME, metric));
    return Labels.shown(labels);
  }
}
