package io.signaldb.common.iceberg;

import io.signaldb.common.schema.Column;
import io.signaldb.common.schema.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableProperties;

/** What a new table gets beside its columns: sort order and properties. */
final class TableDefinition {
  /** Columns with exact bounds and counts in the manifests, for pruning by time and duration. */
  private static final List<String> EXACT =
      List.of("timestamp", "start_time_unix_nano", "duration_nanos");

  /** Columns with bounds cut to 16 characters. */
  private static final List<String> TRUNCATED =
      List.of("trace_id", "service_name", "span_name", "metric_name");

  private TableDefinition() {}

  static SortOrder sortOrder(TableSchema table, Schema schema) {
    SortOrder.Builder order = SortOrder.builderFor(schema);
    table.sortBy().forEach(order::asc);
    return order.build();
  }

  static Map<String, String> properties(TableSchema table) {
    Map<String, String> properties = new HashMap<>();
    properties.put(TableProperties.FORMAT_VERSION, "2");
    properties.put(TableProperties.PARQUET_COMPRESSION, "zstd");
    properties.put(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true");
    properties.put(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20");
    properties.put(TableProperties.MANIFEST_MIN_MERGE_COUNT, "20");
    properties.put(TableProperties.COMMIT_NUM_RETRIES, "20");
    properties.put(TableProperties.COMMIT_MIN_RETRY_WAIT_MS, "20");
    properties.put(TableProperties.COMMIT_MAX_RETRY_WAIT_MS, "500");
    properties.put(TableProperties.MAX_SNAPSHOT_AGE_MS, "600000");
    properties.put(TableProperties.MIN_SNAPSHOTS_TO_KEEP, "5");
    properties.put(TableProperties.DEFAULT_WRITE_METRICS_MODE, "none");
    for (Column column : table.storage()) {
      if (EXACT.contains(column.name())) {
        properties.put(metricsMode(column), "full");
      } else if (TRUNCATED.contains(column.name())) {
        properties.put(metricsMode(column), "truncate(16)");
      }
      if (column.name().equals("trace_id")) {
        properties.put(
            TableProperties.PARQUET_BLOOM_FILTER_COLUMN_ENABLED_PREFIX + column.name(), "true");
      }
    }
    return properties;
  }

  private static String metricsMode(Column column) {
    return TableProperties.METRICS_MODE_COLUMN_CONF_PREFIX + column.name();
  }
}
