package io.signaldb.common.iceberg;

import io.signaldb.common.config.DatabaseDsn;
import io.signaldb.common.config.DatasetConfig;
import io.signaldb.common.config.SchemaConfig;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.config.StorageDsn;
import io.signaldb.common.config.TenantConfig;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.storage.DatasetStorage;
import io.signaldb.common.tenant.TenantContext;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.util.ThreadPools;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of every tenant and dataset: namespace {@code [tenant slug, dataset slug]}, one table
 * for each kind of row, below the location of the dataset's store.
 *
 * <p>Thread-safe. Errors of the catalog or of storage come out as Iceberg throws them.
 */
public final class IcebergTables implements Component {
  private static final Logger log = LoggerFactory.getLogger(IcebergTables.class);
  private static final String CATALOG_NAME = "signaldb";
  private static final String SQL = "sql";
  private static final int SCHEMA_ATTEMPTS = 5;
  private static final int MANIFEST_THREADS = 2;

  private final SchemaConfig config;
  private final DatasetStorage storage;
  private final Path dataDir;
  private final Map<String, StorageDsn> ownStores = new HashMap<>();
  private final ConcurrentHashMap<TableIdentifier, CachedTable> cached = new ConcurrentHashMap<>();
  private volatile @Nullable Catalog catalog;
  private volatile @Nullable ExecutorService manifestThreads;

  /**
   * @param storage borrowed; where new tables are put
   */
  public IcebergTables(SignalDbConfig config, DatasetStorage storage) {
    this.config = config.schema();
    this.storage = storage;
    dataDir = config.dataDir();
    for (TenantConfig tenant : config.auth().tenants()) {
      for (DatasetConfig dataset : tenant.datasets()) {
        if (dataset.storage() != null) {
          ownStores.put(
              storage.location(tenant.slug(), dataset.slug(), ""),
              storage.of(tenant.slug(), dataset.slug()));
        }
      }
    }
  }

  /** Connects to the catalog and creates its database tables where they are missing. */
  @Override
  public void start() {
    // Iceberg's own pools register shutdown hooks when they are first touched, which fails if that
    // is the last commit of a stopping process; and they stop before that commit.
    ThreadPools.getWorkerPool();
    AtomicInteger number = new AtomicInteger();
    manifestThreads =
        Executors.newFixedThreadPool(
            MANIFEST_THREADS,
            task -> new Thread(task, "signaldb-manifest-" + number.incrementAndGet()));
    catalog = open();
  }

  /** The threads on which commits read and write manifests; only between start and close. */
  public ExecutorService manifestThreads() {
    ExecutorService started = manifestThreads;
    if (started == null) {
      throw new IllegalStateException("The Iceberg catalog is not open");
    }
    return started;
  }

  /** The catalog itself, named {@code signaldb}; only between start and close. */
  public Catalog catalog() {
    Catalog opened = catalog;
    if (opened == null) {
      throw new IllegalStateException("The Iceberg catalog is not open");
    }
    return opened;
  }

  /** The table as of now, for committing; it refreshes as Iceberg tables do. */
  public Optional<Table> find(String tenantSlug, String datasetSlug, String table) {
    return load(identifier(tenantSlug, datasetSlug, table));
  }

  /**
   * The table as of now, for reading. Costs one read of the catalog; the metadata file is read only
   * if it is another one than at the last call.
   */
  public Optional<TableSnapshot> current(String tenantSlug, String datasetSlug, String table) {
    TableIdentifier identifier = identifier(tenantSlug, datasetSlug, table);
    CachedTable known = cached.get(identifier);
    if (known == null) {
      Optional<Table> found = load(identifier);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      known = cached.computeIfAbsent(identifier, key -> new CachedTable(found.get()));
    }
    try {
      return Optional.of(known.refresh());
    } catch (NoSuchTableException e) {
      cached.remove(identifier, known);
      return Optional.empty();
    } catch (RuntimeException e) {
      // Also a table dropped and created again, which the former table object refuses to become.
      cached.remove(identifier, known);
      throw e;
    }
  }

  /**
   * The dataset's table of that schema, for committing, created with its namespace if it does not
   * exist. Columns it lacks are added in a commit of their own, as optional ones; nothing is ever
   * renamed, retyped or dropped. Take field ids from the table that is returned.
   *
   * @throws org.apache.iceberg.exceptions.ValidationException if the table has a column of that
   *     name and another type
   */
  public Table loadOrCreate(TenantContext tenant, TableSchema schema) {
    TableIdentifier identifier =
        identifier(tenant.tenantSlug(), tenant.datasetSlug(), schema.name());
    Optional<Table> found = load(identifier);
    if (found.isPresent()) {
      addMissingColumns(found.get(), schema.icebergSchema());
      return found.get();
    }
    createNamespaces(identifier.namespace());
    try {
      return create(identifier, tenant, schema);
    } catch (RuntimeException e) {
      // Another Writer may have been faster.
      Table table = load(identifier).orElseThrow(() -> e);
      addMissingColumns(table, schema.icebergSchema());
      return table;
    }
  }

  /**
   * The location of a file as a URL, for whoever opens it without Iceberg: locations of local files
   * are not percent-encoded, URLs are.
   */
  public static String url(String location) {
    return location.startsWith("file:") ? LocalFileIO.path(location).toUri().toString() : location;
  }

  @Override
  public void close() {
    Catalog opened = catalog;
    catalog = null;
    cached.clear();
    ExecutorService threads = manifestThreads;
    manifestThreads = null;
    if (threads != null) {
      threads.shutdown();
    }
    if (opened instanceof Closeable closeable) {
      try {
        closeable.close();
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot close the Iceberg catalog", e);
      }
    }
  }

  private Catalog open() {
    StorageDsn standard = storage.standard();
    Map<String, String> properties = new HashMap<>();
    properties.put(CatalogProperties.URI, config.catalogUri());
    properties.put(CatalogProperties.WAREHOUSE_LOCATION, DatasetStorage.root(standard));
    properties.putAll(StorageFileIO.properties(standard));
    properties.put("jdbc.schema-version", "V1");
    properties.putAll(config.catalogProperties());
    if (!config.catalogType().equals(SQL)) {
      if (!properties.containsKey(CatalogProperties.CATALOG_IMPL)) {
        properties.put(CatalogUtil.ICEBERG_CATALOG_TYPE, config.catalogType());
      }
      return CatalogUtil.buildIcebergCatalog(CATALOG_NAME, properties, null);
    }
    DatabaseDsn dsn = DatabaseDsn.parse(config.catalogUri(), dataDir);
    JdbcCatalog jdbc =
        new JdbcCatalog(
            ignored -> new StorageFileIO(standard, ownStores),
            ignored -> new CatalogConnections(dsn),
            true);
    jdbc.initialize(CATALOG_NAME, properties);
    return jdbc;
  }

  private Optional<Table> load(TableIdentifier identifier) {
    try {
      return Optional.of(catalog().loadTable(identifier));
    } catch (NoSuchTableException e) {
      return Optional.empty();
    }
  }

  private Table create(TableIdentifier identifier, TenantContext tenant, TableSchema table) {
    Schema schema = table.icebergSchema();
    return catalog()
        .buildTable(identifier, schema)
        .withLocation(
            storage.location(tenant.tenantSlug(), tenant.datasetSlug(), identifier.name()))
        .withPartitionSpec(table.partitionSpec(schema))
        .withSortOrder(TableDefinition.sortOrder(table, schema))
        .withProperties(TableDefinition.properties(table))
        .create();
  }

  private void createNamespaces(Namespace namespace) {
    if (!(catalog() instanceof SupportsNamespaces namespaces)) {
      return;
    }
    for (int levels = 1; levels <= namespace.length(); levels++) {
      Namespace level = Namespace.of(Arrays.copyOf(namespace.levels(), levels));
      try {
        namespaces.createNamespace(level);
      } catch (RuntimeException e) {
        // Not only AlreadyExistsException: two Writers at once make the SQL catalog fail otherwise.
        if (!namespaces.namespaceExists(level)) {
          throw e;
        }
        log.debug("Namespace {} is there already", level);
      }
    }
  }

  private static void addMissingColumns(Table table, Schema wanted) {
    for (int attempt = 1; ; attempt++) {
      UpdateSchema update = table.updateSchema().unionByNameWith(wanted);
      if (update.apply().sameSchema(table.schema())) {
        return;
      }
      try {
        update.commit();
        return;
      } catch (CommitFailedException e) {
        if (attempt == SCHEMA_ATTEMPTS) {
          throw e;
        }
        table.refresh();
      }
    }
  }

  private static TableIdentifier identifier(String tenantSlug, String datasetSlug, String table) {
    return TableIdentifier.of(Namespace.of(tenantSlug, datasetSlug), table);
  }
}
