package io.signaldb.common.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.config.DatabaseDsn;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogConnectionsTest {
  @TempDir Path directory;

  @Test
  void runsAStatementOnceAlthoughTheConnectionIsLostAndReconnectsForTheNext() throws SQLException {
    try (CatalogConnections connections =
        new CatalogConnections(new DatabaseDsn.Sqlite(directory.resolve("catalog.db")))) {
      connections.run(connection -> execute(connection, "CREATE TABLE t (n INTEGER)"));
      AtomicInteger runs = new AtomicInteger();

      assertThatThrownBy(
              () ->
                  connections.run(
                      connection -> {
                        runs.incrementAndGet();
                        execute(connection, "INSERT INTO t VALUES (1)");
                        connection.close();
                        throw new SQLNonTransientConnectionException("gone", "08006");
                      },
                      true))
          .isInstanceOf(SQLNonTransientConnectionException.class);

      assertThat(runs).hasValue(1);
      assertThat(connections.<Integer>run(CatalogConnectionsTest::count)).isEqualTo(1);
    }
  }

  @Test
  void keepsADatabaseInMemoryBetweenUses() throws SQLException {
    try (CatalogConnections connections = new CatalogConnections(new DatabaseDsn.Sqlite(null))) {
      connections.run(connection -> execute(connection, "CREATE TABLE t (n INTEGER)"));

      assertThat(connections.<Integer>run(CatalogConnectionsTest::count)).isZero();
    }
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute(sql);
    }
  }

  private static int count(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM t")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
