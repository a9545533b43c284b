package io.signaldb.querier.metrics;

/**
 * A span that was counted, as a candidate for an exemplar.
 *
 * @param value as measured; NaN where spans are only counted
 */
record Sighting(String traceId, long startUnixNano, double value) {}
