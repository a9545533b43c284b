package io.signaldb.common.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A SQL database: SQLite in a file or in memory, or PostgreSQL. */
public sealed interface DatabaseDsn {

  /** What {@link java.sql.DriverManager} takes, without credentials. */
  String jdbcUrl();

  /**
   * @param file absolute path; null for a database in memory, which lives as long as its one
   *     connection
   */
  record Sqlite(@Nullable Path file) implements DatabaseDsn {
    @Override
    public String jdbcUrl() {
      throw new UnsupportedOperationException();
    }
  }

  /** A PostgreSQL database; user and password are null when the DSN names none. */
  record Postgresql(String jdbcUrl, @Nullable String user, @Nullable String password)
      implements DatabaseDsn {
    @Override
    public String toString() {
      return jdbcUrl;
    }
  }
}
