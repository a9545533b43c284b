package io.signaldb.acceptor.prometheus;

import java.util.List;
import java.util.Map;

/**
 * A request as it was read.
 *
 * @param families metadata by family name, which version 1 sends beside series
 * @param received everything in the body, what is refused included
 */
record WriteBatch(
    List<Series> series, Map<String, FamilyMetadata> families, Tally received, Refusals refusals) {}
