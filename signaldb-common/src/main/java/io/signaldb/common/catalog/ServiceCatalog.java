package io.signaldb.common.catalog;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.signaldb.common.config.DatabaseDsn;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The database that services of one deployment share: tenants, API keys, datasets, running
 * services. Start brings its tables to the current version. Safe for use by many threads; calls
 * block.
 */
public final class ServiceCatalog implements Component {
  private static final long CONNECTION_TIMEOUT_MILLIS = 10_000;

  private final DatabaseDsn dsn;
  private final int maxConnections;
  private final Dialect dialect;
  private volatile @Nullable HikariDataSource pool;

  /**
   * @param maxConnections used for PostgreSQL; SQLite has one connection per process
   */
  public ServiceCatalog(DatabaseDsn dsn, int maxConnections) {
    this.dsn = dsn;
    this.maxConnections = maxConnections;
    this.dialect = dsn instanceof DatabaseDsn.Sqlite ? Dialect.SQLITE : Dialect.POSTGRESQL;
  }

  /**
   * Connects and migrates.
   *
   * @throws SignalDbException UNAVAILABLE if the database cannot be reached or written
   */
  @Override
  public void start() {
    try {
      pool = connect();
      Migrations.apply(connection(), dialect);
    } catch (SQLException | RuntimeException | IOException e) {
      close();
      throw new SignalDbException(
          ErrorCode.UNAVAILABLE,
          "Cannot open the service catalog %s: %s; expected a reachable, writable database"
              .formatted(dsn, rootMessage(e)),
          e);
    }
  }

  private HikariDataSource connect() throws IOException {
    HikariConfig config = new HikariConfig();
    config.setPoolName("signaldb-catalog");
    config.setJdbcUrl(dsn.jdbcUrl());
    config.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
    if (dsn instanceof DatabaseDsn.Sqlite sqlite) {
      Path file = sqlite.file();
      if (file != null) {
        Files.createDirectories(file.toAbsolutePath().getParent());
      }
      config.setMaximumPoolSize(1);
      // A database in memory is gone with its connection.
      config.setMaxLifetime(0);
    } else if (dsn instanceof DatabaseDsn.Postgresql postgresql) {
      config.setMaximumPoolSize(maxConnections);
      config.setMinimumIdle(1);
      config.setUsername(postgresql.user());
      config.setPassword(postgresql.password());
      config.addDataSourceProperty("stringtype", "unspecified");
      config.addDataSourceProperty("ApplicationName", "signaldb");
    }
    return new HikariDataSource(config);
  }

  /** A query's rows, each turned into a value while the connection is held. */
  @FunctionalInterface
  public interface RowMapper<T> {
    T map(Row row) throws SQLException;
  }

  /** One row of a result; valid only within {@link RowMapper#map}. */
  public final class Row {
    private final ResultSet result;

    private Row(ResultSet result) {
      this.result = result;
    }

    public String text(String column) throws SQLException {
      return result.getString(column);
    }

    public @Nullable String textOrNull(String column) throws SQLException {
      return result.getString(column);
    }

    public long number(String column) throws SQLException {
      return result.getLong(column);
    }

    public Instant instant(String column) throws SQLException {
      Instant instant = instantOrNull(column);
      if (instant == null) {
        throw new SQLException("column " + column + " is NULL");
      }
      return instant;
    }

    public @Nullable Instant instantOrNull(String column) throws SQLException {
      return dialect.instant(result, column);
    }
  }

  /**
   * Runs a query.
   *
   * @param params text, numbers, times, UUIDs or null for the question marks in order
   * @throws SignalDbException UNAVAILABLE if the database fails
   */
  public <T> List<T> query(String sql, RowMapper<T> mapper, @Nullable Object... params) {
    try (Connection connection = connection();
        PreparedStatement statement = prepare(connection, sql, params);
        ResultSet result = statement.executeQuery()) {
      List<T> rows = new ArrayList<>();
      Row row = new Row(result);
      while (result.next()) {
        rows.add(mapper.map(row));
      }
      return rows;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /**
   * Runs a statement.
   *
   * @param params as in {@link #query}
   * @return number of rows changed
   * @throws SignalDbException UNAVAILABLE if the database fails
   */
  public int update(String sql, @Nullable Object... params) {
    try (Connection connection = connection();
        PreparedStatement statement = prepare(connection, sql, params)) {
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static PreparedStatement prepare(
      Connection connection, String sql, @Nullable Object[] params) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      for (int i = 0; i < params.length; i++) {
        Object param = params[i];
        statement.setObject(
            i + 1, param == null || param instanceof Number ? param : param.toString());
      }
      return statement;
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }

  private Connection connection() throws SQLException {
    HikariDataSource open = pool;
    if (open == null) {
      throw new SQLException("the service catalog is not open");
    }
    return open.getConnection();
  }

  private SignalDbException failed(SQLException e) {
    return new SignalDbException(
        ErrorCode.UNAVAILABLE, "The service catalog failed: " + rootMessage(e), e);
  }

  private static @Nullable String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }

  @Override
  public void close() {
    HikariDataSource open = pool;
    pool = null;
    if (open != null) {
      open.close();
    }
  }
}
