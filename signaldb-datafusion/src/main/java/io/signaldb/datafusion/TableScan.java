package io.signaldb.datafusion;

import java.util.List;

/**
 * What a query reads of a table.
 *
 * @param columns in the order of the table
 */
public record TableScan(String catalog, String schema, String table, List<String> columns) {
  public TableScan {
    columns = List.copyOf(columns);
  }

  /** Reads a line of {@link Native#queryScans}. */
  static TableScan parse(String line) {
    List<String> parts = List.of(line.split("\t", -1));
    return new TableScan(parts.get(0), parts.get(1), parts.get(2), parts.subList(3, parts.size()));
  }
}
