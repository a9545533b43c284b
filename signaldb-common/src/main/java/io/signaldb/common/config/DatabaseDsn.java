package io.signaldb.common.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A SQL database: SQLite in a file or in memory, or PostgreSQL. */
public sealed interface DatabaseDsn {

  /** What {@link java.sql.DriverManager} takes, without credentials. */
  String jdbcUrl();

  /**
   * @param file absolute; null for a database in memory, which lives as long as its one connection
   */
  record Sqlite(@Nullable Path file) implements DatabaseDsn {
    /** Wait for other writers, survive a power cut, and never deadlock upgrading a read lock. */
    private static final String OPTIONS =
        "?busy_timeout=30000&journal_mode=WAL&synchronous=FULL&transaction_mode=IMMEDIATE"
            + "&foreign_keys=true";

    @Override
    public String jdbcUrl() {
      return "jdbc:sqlite:" + (file == null ? ":memory:?foreign_keys=true" : file + OPTIONS);
    }

    @Override
    public String toString() {
      return file == null ? "sqlite::memory:" : "sqlite://" + file;
    }

    private static Sqlite parse(String text, Path dataDir) {
      String path = text.substring("sqlite:".length()).replaceFirst("^//", "");
      if (path.endsWith("?mode=rwc")) {
        path = path.substring(0, path.length() - "?mode=rwc".length());
      }
      if (path.equals(":memory:")) {
        return new Sqlite(null);
      }
      if (path.isBlank() || path.endsWith("/") || path.contains("?")) {
        throw new IllegalArgumentException("expected sqlite://PATH or sqlite::memory:");
      }
      return new Sqlite(ValueParser.below(dataDir, path.replaceFirst("^/\\.", ".")));
    }
  }

  /** A PostgreSQL database; user and password are null when the DSN names none. */
  record Postgresql(String jdbcUrl, @Nullable String user, @Nullable String password)
      implements DatabaseDsn {
    @Override
    public String toString() {
      return jdbcUrl.substring("jdbc:".length());
    }

    private static Postgresql parse(String text) {
      URI uri;
      try {
        uri = new URI(text);
      } catch (URISyntaxException e) {
        throw new IllegalArgumentException("expected a URI, " + e.getReason(), e);
      }
      if (uri.getHost() == null || uri.getPath() == null || uri.getPath().length() < 2) {
        throw new IllegalArgumentException(
            "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
      }
      String jdbcUrl =
          "jdbc:postgresql://"
              + uri.getHost()
              + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
              + uri.getRawPath()
              + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
      String[] login =
          uri.getRawUserInfo() == null ? new String[0] : uri.getRawUserInfo().split(":", 2);
      return new Postgresql(
          jdbcUrl,
          login.length > 0 ? ValueParser.urlDecode(login[0]) : null,
          login.length > 1 ? ValueParser.urlDecode(login[1]) : null);
    }
  }

  /**
   * Reads {@code sqlite://PATH}, {@code sqlite::memory:} or {@code
   * postgresql://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE[?OPTIONS]}.
   *
   * @param dataDir what a relative SQLite path is below
   * @throws IllegalArgumentException saying what was expected, without the value
   */
  static DatabaseDsn parse(String text, Path dataDir) {
    if (text.startsWith("sqlite:")) {
      return Sqlite.parse(text, dataDir);
    }
    if (text.startsWith("postgres://") || text.startsWith("postgresql://")) {
      return Postgresql.parse(text);
    }
    throw new IllegalArgumentException(
        "expected sqlite://PATH, sqlite::memory: or postgresql://HOST/DATABASE");
  }
}
