package io.signaldb.querier.metrics;

/**
 * What is known of some spans of one group in one interval.
 *
 * @param count how many they are
 * @param min the least of their values; of no meaning, as the others, where only spans are counted
 * @param max the greatest of their values
 * @param sum of their values
 */
record Measurement(long count, double min, double max, double sum) {
  /** Of one span. */
  static Measurement of(double value) {
    return new Measurement(1, value, value, value);
  }
}
