package io.signaldb.common.iceberg;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;

/**
 * The tables of every tenant and dataset: namespace {@code [tenant slug, dataset slug]}, one table
 * for each kind of signal.
 *
 * <p>Thread-safe. Errors of the catalog's database or of storage come out as Iceberg throws them.
 */
public final class IcebergTables implements AutoCloseable {
  private final Catalog catalog;
  private final ConcurrentHashMap<TableIdentifier, TableSnapshot> snapshots =
      new ConcurrentHashMap<>();

  IcebergTables(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The catalog itself, named {@code signaldb}; closed with this object. */
  public Catalog catalog() {
    return catalog;
  }

  /** The table as of now, for committing; it refreshes as Iceberg tables do. */
  public Optional<Table> find(String tenantSlug, String datasetSlug, String table) {
    try {
      return Optional.of(catalog.loadTable(identifier(tenantSlug, datasetSlug, table)));
    } catch (NoSuchTableException e) {
      return Optional.empty();
    }
  }

  /**
   * The table as of now, for reading. Costs one read of the catalog; the metadata file is read only
   * if it is another one than at the last call.
   */
  public Optional<TableSnapshot> current(String tenantSlug, String datasetSlug, String table) {
    TableIdentifier identifier = identifier(tenantSlug, datasetSlug, table);
    Optional<Table> found = find(tenantSlug, datasetSlug, table);
    if (found.isEmpty()) {
      snapshots.remove(identifier);
      return Optional.empty();
    }
    TableMetadata metadata = ((HasTableOperations) found.get()).operations().current();
    Map<UUID, Long> watermarks = Watermarks.all(metadata.properties());
    return Optional.of(
        new TableSnapshot(metadata.metadataFileLocation(), (BaseTable) found.get(), watermarks));
  }

  @Override
  public void close() {
    snapshots.clear();
  }

  private static TableIdentifier identifier(String tenantSlug, String datasetSlug, String table) {
    return TableIdentifier.of(Namespace.of(tenantSlug, datasetSlug), table);
  }
}
