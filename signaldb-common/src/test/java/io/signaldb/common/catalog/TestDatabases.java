package io.signaldb.common.catalog;

import io.signaldb.common.config.DatabaseDsn;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/** Empty databases to test against. */
public final class TestDatabases {
  private static @Nullable EmbeddedPostgres postgres;
  private static int databases;

  private TestDatabases() {}

  /** A SQLite file in a directory. */
  public static DatabaseDsn sqlite(Path directory) {
    return new DatabaseDsn.Sqlite(directory.resolve("catalog.db"));
  }

  /**
   * A new database of a PostgreSQL server that lives as long as the JVM; skips the test, saying
   * why, where no server can be started.
   */
  public static synchronized DatabaseDsn postgresql() {
    try {
      if (postgres == null) {
        postgres = EmbeddedPostgres.start();
      }
      String name = "test_" + databases++;
      try (Connection connection = postgres.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE DATABASE " + name);
      }
      return new DatabaseDsn.Postgresql(
          "jdbc:postgresql://localhost:" + postgres.getPort() + "/" + name, "postgres", "postgres");
    } catch (IOException | SQLException | RuntimeException e) {
      throw new TestAbortedException("no PostgreSQL server can be started here: " + e, e);
    }
  }
}
