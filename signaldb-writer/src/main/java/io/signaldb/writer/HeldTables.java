package io.signaldb.writer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.engine.Engine;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.BatchHeader;
import io.signaldb.common.iceberg.IcebergTables;
import io.signaldb.common.iceberg.Watermarks;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.tenant.TenantContext;
import io.signaldb.common.wal.WalName;
import io.signaldb.common.wal.WalRoot;
import io.signaldb.datafusion.DataFusionRuntime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tables this Writer holds uncommitted rows of, and the logs they are in. Thread-safe. */
final class HeldTables implements Component {
  private final WalRoot root;
  private final IcebergTables iceberg;
  private final Schemas schemas;
  private final Engine engine;
  private final RowBudget budget;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<Key, TableRows> tables = new HashMap<>();

  @GuardedBy("lock")
  private final Map<WalName, SignalLog> logs = new HashMap<>();

  private record Key(String tenantSlug, String datasetSlug, String table) {}

  HeldTables(
      WalRoot root, IcebergTables iceberg, Schemas schemas, Engine engine, RowBudget budget) {
    this.root = root;
    this.iceberg = iceberg;
    this.schemas = schemas;
    this.engine = engine;
    this.budget = budget;
  }

  /**
   * The rows of the table a batch is for; the first use of a table reads the catalog.
   *
   * @throws SignalDbException INVALID_ARGUMENT if there is no such table or the slugs belong to
   *     other ids, UNAVAILABLE if the catalog cannot be read
   */
  TableRows open(BatchHeader header) {
    TableSchema schema = schema(header);
    TenantContext tenant = header.tenant();
    Key key = new Key(tenant.tenantSlug(), tenant.datasetSlug(), schema.name());
    synchronized (lock) {
      TableRows held = tables.get(key);
      if (held == null) {
        held = load(tenant, schema);
        tables.put(key, held);
      } else if (!held.tenant().equals(tenant)) {
        throw new SignalDbException(
            ErrorCode.INVALID_ARGUMENT,
            "Dataset %s/%s has the ids %s/%s, not %s/%s"
                .formatted(
                    tenant.tenantSlug(),
                    tenant.datasetSlug(),
                    held.tenant().tenantId(),
                    held.tenant().datasetId(),
                    tenant.tenantId(),
                    tenant.datasetId()));
      }
      return held;
    }
  }

  /** The rows of a table if this Writer holds any or has held some since its start. */
  Optional<TableRows> find(String tenantSlug, String datasetSlug, String table) {
    synchronized (lock) {
      return Optional.ofNullable(tables.get(new Key(tenantSlug, datasetSlug, table)));
    }
  }

  Collection<TableRows> all() {
    synchronized (lock) {
      return List.copyOf(tables.values());
    }
  }

  Collection<SignalLog> logs() {
    synchronized (lock) {
      return List.copyOf(logs.values());
    }
  }

  SignalLog log(WalName name) {
    synchronized (lock) {
      return logs.computeIfAbsent(name, missing -> new SignalLog(root.open(missing)));
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      tables.values().forEach(TableRows::close);
      tables.clear();
      logs.clear();
    }
  }

  private TableSchema schema(BatchHeader header) {
    TableSchema schema;
    try {
      schema = schemas.table(header.table());
    } catch (SignalDbException e) {
      throw new SignalDbException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
    if (schema.signal() != header.signal()) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Table '%s' holds %s, not %s"
              .formatted(schema.name(), schema.signal().wireName(), header.signal().wireName()));
    }
    return schema;
  }

  private TableRows load(TenantContext tenant, TableSchema schema) {
    SignalLog log =
        log(new WalName(tenant.tenantId(), tenant.datasetId(), schema.signal().wireName()));
    long watermark;
    try {
      watermark =
          iceberg
              .find(tenant.tenantSlug(), tenant.datasetSlug(), schema.name())
              .map(table -> Watermarks.of(table.properties(), root.id()).orElse(0))
              .orElse(0L);
    } catch (RuntimeException e) {
      throw new SignalDbException(
          ErrorCode.UNAVAILABLE,
          "Cannot read table '%s' of %s/%s from the Iceberg catalog"
              .formatted(schema.name(), tenant.tenantSlug(), tenant.datasetSlug()),
          e);
    }
    log.wal().skipThrough(watermark);
    DataFusionRuntime runtime = engine.runtimeFor(tenant.tenantSlug(), tenant.datasetSlug());
    TableRows rows = new TableRows(tenant, schema, log, runtime, budget, watermark);
    log.add(rows);
    return rows;
  }
}
