package io.signaldb.common.config;

import java.nio.file.Path;

/**
 * The whole configuration of a process. A component is a key: {@code walDir} is {@code wal_dir}; a
 * nested record is a section. {@code long} components are sizes in bytes.
 */
public record SignalDbConfig(
    @Doc("Directory for everything kept on local disk; relative paths in this file are below it.")
        @Default("./.data")
        Path dataDir,
    ServiceConfig service,
    DatabaseConfig database,
    DiscoveryConfig discovery,
    StorageConfig storage,
    WalConfig wal,
    SchemaConfig schema,
    AuthConfig auth,
    FlightConfig flight,
    AcceptorConfig acceptor,
    WriterConfig writer,
    QuerierConfig querier,
    RouterConfig router,
    SqlConfig sql) {

  /** The database of the service catalog: {@code discovery.dsn}, else {@code database.dsn}. */
  public DatabaseDsn serviceCatalog() {
    DatabaseDsn own = discovery.dsn();
    return own == null ? database.dsn() : own;
  }
}
