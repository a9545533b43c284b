package io.signaldb.querier.read;

import io.signaldb.datafusion.FileRef;
import java.util.Collection;

/**
 * A data file of a snapshot, with what its manifest says about the rows in it.
 *
 * @param minStartUnixNano bounds are inclusive; the widest where the manifest has none
 * @param minTraceId not above the least trace id; may be cut short
 * @param maxTraceId not below the greatest trace id; null if unknown
 */
record TableFile(
    FileRef ref,
    long rows,
    long minStartUnixNano,
    long maxStartUnixNano,
    String minTraceId,
    @org.jspecify.annotations.Nullable String maxTraceId) {

  boolean mayHold(TimeRange range) {
    return minStartUnixNano <= range.endUnixNano() && maxStartUnixNano >= range.startUnixNano();
  }

  /** Whether all rows do. */
  boolean liesIn(TimeRange range) {
    return range.contains(minStartUnixNano) && range.contains(maxStartUnixNano);
  }

  boolean mayHoldAny(Collection<String> traceIds) {
    return traceIds.stream()
        .anyMatch(
            id ->
                id.compareTo(minTraceId) >= 0
                    && (maxTraceId == null || id.compareTo(maxTraceId) <= 0));
  }
}
