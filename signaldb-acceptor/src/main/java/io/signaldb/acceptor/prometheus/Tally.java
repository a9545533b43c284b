package io.signaldb.acceptor.prometheus;

/** Numbers of what remote write counts. */
public record Tally(int samples, int histograms, int exemplars) {
  static final Tally NONE = new Tally(0, 0, 0);

  Tally plus(Tally other) {
    return new Tally(
        samples + other.samples, histograms + other.histograms, exemplars + other.exemplars);
  }

  Tally minus(Tally other) {
    return new Tally(
        samples - other.samples, histograms - other.histograms, exemplars - other.exemplars);
  }
}
