package io.signaldb.datafusion;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits and settings of a {@link DataFusionRuntime}.
 *
 * @param memoryBytes what the operators of all queries together may reserve; a query that needs
 *     more spills, or fails with RESOURCES. Batches in flight, memory tables and caches come on
 *     top: leave headroom
 * @param spillDirectory created when missing; null forbids spilling
 * @param threads worker threads, also the default number of partitions of a scan
 * @param settings DataFusion settings by their full names ({@code
 *     datafusion.execution.batch_size}), over defaults suited to selective scans: filters are
 *     pushed into the Parquet decoder, bloom filters and page indexes are used. {@code
 *     signaldb.metadata_cache_bytes} bounds the cache of Parquet footers, {@code
 *     signaldb.spill_bytes} the spill directory
 */
public record RuntimeOptions(
    long memoryBytes, @Nullable Path spillDirectory, int threads, Map<String, String> settings) {
  public RuntimeOptions {
    if (memoryBytes <= 0) {
      throw new IllegalArgumentException("memoryBytes must be positive, not " + memoryBytes);
    }
    if (threads <= 0) {
      throw new IllegalArgumentException("threads must be positive, not " + threads);
    }
    settings = Map.copyOf(settings);
  }
}
