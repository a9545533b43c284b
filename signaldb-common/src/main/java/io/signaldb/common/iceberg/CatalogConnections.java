package io.signaldb.common.iceberg;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.signaldb.common.config.DatabaseDsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.apache.iceberg.jdbc.JdbcClientPool;

/**
 * Connections of the SQL catalog. A broken connection is replaced, but the statement that met it is
 * not run again: it may have been executed, and a second run of a commit would find its own first
 * run, take it for someone else's commit and clean up files that are live.
 */
final class CatalogConnections extends JdbcClientPool {
  private static final int MAX_CONNECTIONS = 4;

  private final HikariDataSource pool;

  CatalogConnections(DatabaseDsn dsn) {
    super(1, dsn.jdbcUrl(), Map.of());
    HikariConfig config = new HikariConfig();
    config.setPoolName("iceberg-catalog");
    config.setJdbcUrl(dsn.jdbcUrl());
    config.setMaximumPoolSize(MAX_CONNECTIONS);
    config.setMinimumIdle(1);
    if (dsn instanceof DatabaseDsn.Postgresql postgresql) {
      config.setUsername(postgresql.user());
      config.setPassword(postgresql.password());
    } else if (dsn instanceof DatabaseDsn.Sqlite sqlite && sqlite.file() == null) {
      config.setMaximumPoolSize(1);
      config.setMaxLifetime(0);
    }
    pool = new HikariDataSource(config);
  }

  @Override
  public <R> R run(Action<R, Connection, SQLException> action) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return action.run(connection);
    }
  }

  @Override
  public <R> R run(Action<R, Connection, SQLException> action, boolean retry) throws SQLException {
    return run(action);
  }

  @Override
  public void close() {
    pool.close();
  }
}
