package io.signaldb.common.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * Where SQLite and PostgreSQL differ. UUIDs and times are bound as text in both; PostgreSQL is told
 * to take such text for whatever type its column has.
 */
enum Dialect {
  SQLITE("sqlite") {
    @Override
    void lockMigrations(Connection connection) {
      // A transaction that is IMMEDIATE from its begin excludes other writers.
    }

    @Override
    @Nullable Instant instant(ResultSet row, String column) throws SQLException {
      String text = row.getString(column);
      return text == null ? null : Instant.parse(text);
    }
  },

  POSTGRESQL("postgresql") {
    @Override
    void lockMigrations(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT pg_advisory_xact_lock(" + MIGRATION_LOCK + ")");
      }
    }

    @Override
    @Nullable Instant instant(ResultSet row, String column) throws SQLException {
      OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
      return time == null ? null : time.toInstant();
    }
  };

  /** Any number no other program locks: "signaldb" in ASCII. */
  private static final long MIGRATION_LOCK = 0x7369676e616c6462L;

  private final String resourcePrefix;

  Dialect(String resourcePrefix) {
    this.resourcePrefix = resourcePrefix;
  }

  String resourcePrefix() {
    return resourcePrefix;
  }

  /** Makes other processes wait until the transaction ends. */
  abstract void lockMigrations(Connection connection) throws SQLException;

  /** A time column of a row; null for SQL NULL. */
  abstract @Nullable Instant instant(ResultSet row, String column) throws SQLException;
}
