package io.signaldb.common.iceberg;

import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.Table;

/**
 * A table as one metadata file describes it. Files, schema and watermarks are of the same moment,
 * so rows of a Writer at or below its watermark are in the files and rows above it are not.
 *
 * <p>Immutable; {@link #table} is read-only and never refreshes, and may be shared between threads.
 *
 * @param metadataLocation names the metadata file; equal locations mean equal content, so plans may
 *     be cached by it
 * @param table the table of that metadata file
 * @param watermarks by Writer id, the highest WAL position of that Writer contained in the files
 */
public record TableSnapshot(String metadataLocation, Table table, Map<UUID, Long> watermarks) {
  public TableSnapshot {
    watermarks = Map.copyOf(watermarks);
  }
}
