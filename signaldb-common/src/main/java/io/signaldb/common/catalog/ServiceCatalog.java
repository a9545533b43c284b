package io.signaldb.common.catalog;

import io.signaldb.common.config.DatabaseDsn;

/**
 * Tenants, API keys, datasets and running services in SQLite or PostgreSQL. Safe for use by many
 * threads; every method blocks on the database.
 */
public final class ServiceCatalog implements AutoCloseable {

  /** Connects nothing yet. */
  public ServiceCatalog(DatabaseDsn dsn, int maxConnections) {}

  @Override
  public void close() {}
}
