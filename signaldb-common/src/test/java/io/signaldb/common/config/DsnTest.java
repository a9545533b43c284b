package io.signaldb.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DsnTest {
  private static final Path DATA = Path.of("/data");

  @ParameterizedTest
  @CsvSource({
    "file:///var/lib/signaldb, /var/lib/signaldb",
    "file:///.data/storage, /data/storage",
    "file:///.data, /data"
  })
  void storageInADirectory(String dsn, Path directory) {
    assertThat(StorageDsn.parse(dsn, DATA)).isEqualTo(new StorageDsn.Local(directory));
  }

  @Test
  void storageInABucketByBothSpellings() {
    assertThat(StorageDsn.parse("s3://bucket/some/prefix/", DATA))
        .isEqualTo(new StorageDsn.S3("bucket", "some/prefix", null, null, null));
    assertThat(StorageDsn.parse("s3://ak:s%2Fk@minio:9000/bucket/p", DATA))
        .isEqualTo(new StorageDsn.S3("bucket", "p", URI.create("http://minio:9000"), "ak", "s/k"));
    assertThat(StorageDsn.parse("s3://store.example.org:443/bucket", DATA))
        .isEqualTo(
            new StorageDsn.S3(
                "bucket", "", URI.create("https://store.example.org:443"), null, null));
    assertThat(StorageDsn.parse("s3://s3.eu-west-1.amazonaws.com/bucket", DATA))
        .isEqualTo(new StorageDsn.S3("bucket", "", null, null, null));
  }

  @Test
  void showsNoSecretOfABucket() {
    assertThat(StorageDsn.parse("s3://ak:geheim@minio:9000/bucket", DATA).toString())
        .isEqualTo("s3://bucket");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/data",
        "http://host/x",
        "file://relative",
        "file:x",
        "file:",
        "s3://",
        "s3:///x",
        "s3://host:9000",
        "s3://key@host/bucket",
        "s3://B/x",
        "s3://bucket?x=1",
        "s3://a b",
        "memory"
      })
  void refusesOtherStorage(String dsn) {
    assertThatThrownBy(() -> StorageDsn.parse(dsn, DATA))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @ParameterizedTest
  @CsvSource({
    "sqlite://.data/signaldb.db, /data/signaldb.db",
    "sqlite:///abs/x.db, /abs/x.db",
    "sqlite:///.data/x.db, /data/x.db",
    "sqlite:x.db?mode=rwc, /data/x.db"
  })
  void databaseInAFile(String dsn, Path file) {
    assertThat(DatabaseDsn.parse(dsn, DATA)).isEqualTo(new DatabaseDsn.Sqlite(file));
  }

  @Test
  void databaseInMemory() {
    assertThat(DatabaseDsn.parse("sqlite::memory:", DATA)).isEqualTo(new DatabaseDsn.Sqlite(null));
  }

  @Test
  void databaseOnAServer() {
    assertThat(DatabaseDsn.parse("postgres://me:p%40ss@db:5433/signal?sslmode=require", DATA))
        .isEqualTo(
            new DatabaseDsn.Postgresql(
                "jdbc:postgresql://db:5433/signal?sslmode=require", "me", "p@ss"));
    assertThat(DatabaseDsn.parse("postgresql://[::1]/signal", DATA))
        .isEqualTo(new DatabaseDsn.Postgresql("jdbc:postgresql://[::1]/signal", null, null))
        .hasToString("postgresql://[::1]/signal");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "mysql://h/d",
        "sqlite:",
        "sqlite://",
        "sqlite://x?cache=shared",
        "postgres://",
        "postgres://host",
        "postgres://host/",
        "postgres://ho st/db"
      })
  void refusesOtherDatabases(String dsn) {
    assertThatThrownBy(() -> DatabaseDsn.parse(dsn, DATA))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }
}
