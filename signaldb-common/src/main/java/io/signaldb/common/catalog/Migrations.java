package io.signaldb.common.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Brings the catalog's tables to the current version: the resources {@code <dialect>-<version>.sql}
 * not yet applied, in one transaction that other starting processes wait for.
 */
final class Migrations {
  private static final int CURRENT_VERSION = 1;

  private Migrations() {}

  /**
   * @param connection closed at return
   */
  static void apply(Connection connection, Dialect dialect) throws SQLException, IOException {
    try (connection;
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      try {
        dialect.lockMigrations(connection);
        statement.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
        int version = version(statement);
        if (version > CURRENT_VERSION) {
          throw new SQLException(
              "its version is %d and this release knows versions up to %d; start a newer release"
                  .formatted(version, CURRENT_VERSION));
        }
        for (int next = version + 1; next <= CURRENT_VERSION; next++) {
          for (String sql : script(dialect, next).split(";\\s*\\n")) {
            if (!sql.isBlank()) {
              statement.execute(sql);
            }
          }
          statement.execute("INSERT INTO schema_version (version) VALUES (" + next + ")");
        }
        connection.commit();
      } catch (SQLException | RuntimeException | IOException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  private static int version(Statement statement) throws SQLException {
    try (ResultSet result = statement.executeQuery("SELECT max(version) FROM schema_version")) {
      result.next();
      return result.getInt(1);
    }
  }

  private static String script(Dialect dialect, int version) throws IOException {
    String name = dialect.resourcePrefix() + "-" + version + ".sql";
    try (InputStream resource = Migrations.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new IOException("resource " + name + " is missing");
      }
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
