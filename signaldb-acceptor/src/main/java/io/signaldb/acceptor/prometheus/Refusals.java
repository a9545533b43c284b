package io.signaldb.acceptor.prometheus;

import java.util.ArrayList;
import java.util.List;

/** What of one request is not stored, and why, as one line: senders log no more than that. */
final class Refusals {
  private static final int MAX_TOLD = 5;

  private final List<String> told = new ArrayList<>();
  private int problems;
  private Tally refused = Tally.NONE;

  /**
   * Adds a problem.
   *
   * @param message names the series, shows the value and what was expected
   */
  void add(Tally parts, String message) {
    refused = refused.plus(parts);
    problems++;
    if (told.size() < MAX_TOLD) {
      told.add(message);
    }
  }

  Tally refused() {
    return refused;
  }

  /** Empty if everything is stored. */
  String message(Tally received) {
    if (problems == 0) {
      return "";
    }
    String more =
        problems == told.size() ? "" : "; and %d more problems".formatted(problems - told.size());
    return "%d of %d samples, %d of %d histograms and %d of %d exemplars were refused, the rest was written: %s%s"
        .formatted(
            refused.samples(),
            received.samples(),
            refused.histograms(),
            received.histograms(),
            refused.exemplars(),
            received.exemplars(),
            String.join("; ", told),
            more);
  }
}
