package io.signaldb.common.scan;

import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.TableSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to read from one table.
 *
 * @param table table name
 * @param columns storage names, in the order of the answer; empty for all columns
 * @param where null for all rows
 * @param startUnixNano inclusive bound on {@code start_time_unix_nano}
 * @param endUnixNano inclusive bound on {@code start_time_unix_nano}; both 0 for no bounds
 * @param newestTraces only rows of the n traces that have the newest matching span
 */
public record ScanQuery(
    String table,
    List<String> columns,
    @Nullable Condition where,
    long startUnixNano,
    long endUnixNano,
    @Nullable Integer newestTraces) {
  public ScanQuery {
    columns = List.copyOf(columns);
  }

  /**
   * The query as SQL.
   *
   * @param schema the table's schema
   * @param from what stands behind FROM: a table name or a subquery with storage columns
   * @throws SignalDbException INVALID_ARGUMENT for a column the table does not have
   */
  public Sql toSql(TableSchema schema, String from) {
    throw new UnsupportedOperationException();
  }

  /** The query as JSON, for tickets. */
  public String toJson() {
    throw new UnsupportedOperationException();
  }

  /**
   * The query written by {@link #toJson}.
   *
   * @throws SignalDbException INVALID_ARGUMENT if the text is no such query
   */
  public static ScanQuery parse(String json) {
    throw new UnsupportedOperationException();
  }
}
