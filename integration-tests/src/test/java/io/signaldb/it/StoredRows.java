package io.signaldb.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;

/**
 * What is committed, read by Iceberg's and Parquet's own Java libraries: nothing of SignalDB takes
 * part.
 */
final class StoredRows {
  private StoredRows() {}

  /** How many rows of the default dataset's traces have each span id. */
  static Map<String, Integer> bySpanId(Path dataDir) {
    return by(dataDir, "traces", "span_id");
  }

  /** How many rows of a table of the default dataset have each text of a column. */
  static Map<String, Integer> by(Path dataDir, String name, String column) {
    Map<String, Integer> rows = new HashMap<>();
    for (Record record : of(dataDir, name, column)) {
      rows.merge((String) record.getField(column), 1, Integer::sum);
    }
    return rows;
  }

  /** The rows of a table of the default dataset, with these columns, in no order. */
  static List<Record> of(Path dataDir, String name, String... columns) {
    List<Record> rows = new ArrayList<>();
    try (JdbcCatalog catalog = catalog(dataDir)) {
      Table table = catalog.loadTable(TableIdentifier.of(Namespace.of("default", "default"), name));
      try (CloseableIterable<Record> records =
          IcebergGenerics.read(table).select(columns).build()) {
        for (Record record : records) {
          rows.add(record.copy());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return rows;
  }

  private static JdbcCatalog catalog(Path dataDir) {
    JdbcCatalog catalog = new JdbcCatalog();
    catalog.setConf(new Configuration());
    catalog.initialize(
        "signaldb",
        Map.of(
            "uri",
            "jdbc:sqlite:" + dataDir.resolve("catalog.db") + "?busy_timeout=10000",
            "warehouse",
            dataDir.resolve("storage").toUri().toString(),
            "io-impl",
            "org.apache.iceberg.hadoop.HadoopFileIO"));
    return catalog;
  }
}
