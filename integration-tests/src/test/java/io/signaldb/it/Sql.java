package io.signaldb.it;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;

/** Questions over Flight SQL, each on a connection of its own, with the JDBC driver. */
final class Sql {
  private final String url;
  private final Properties properties = new Properties();

  /** Connects with {@code properties} of the driver, such as {@code token}. */
  Sql(SignalDbProcess server, Map<String, String> properties) {
    url = "jdbc:arrow-flight-sql://127.0.0.1:" + server.flightPort() + "/?useEncryption=false";
    this.properties.putAll(properties);
  }

  /** The one number that {@code sql} selects. */
  long number(String sql) throws SQLException {
    return Long.parseLong(text(sql));
  }

  /** The first column of the one row that {@code sql} selects, as a text. */
  String text(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, properties);
        Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      if (!results.next()) {
        throw new AssertionError("no row, expected one: " + sql);
      }
      String text = String.valueOf(results.getObject(1));
      if (results.next()) {
        throw new AssertionError("more than one row, expected one: " + sql);
      }
      return text;
    }
  }
}
