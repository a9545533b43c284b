package io.signaldb.common.iceberg;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Objects;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;

/** The last seen snapshot of a table. Thread-safe. */
final class CachedTable {
  private final Object lock = new Object();
  private final String name;

  @GuardedBy("lock")
  private final TableOperations operations;

  @GuardedBy("lock")
  private @Nullable TableSnapshot last;

  CachedTable(Table table) {
    name = table.name();
    operations = ((HasTableOperations) table).operations();
  }

  /** Asks the catalog; the operations read a metadata file only if the location has changed. */
  TableSnapshot refresh() {
    synchronized (lock) {
      TableMetadata metadata = operations.refresh();
      String location = Objects.requireNonNull(metadata.metadataFileLocation());
      TableSnapshot known = last;
      if (known != null && known.metadataLocation().equals(location)) {
        return known;
      }
      TableSnapshot seen =
          new TableSnapshot(
              location,
              new BaseTable(
                  new StaticTableOperations(
                      metadata, operations.io(), operations.locationProvider()),
                  name),
              Watermarks.all(metadata.properties()));
      last = seen;
      return seen;
    }
  }
}
