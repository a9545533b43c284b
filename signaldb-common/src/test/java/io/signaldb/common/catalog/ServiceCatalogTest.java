package io.signaldb.common.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.config.DatabaseDsn;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceCatalogTest {
  @TempDir Path directory;

  /** What holds for every database. */
  abstract static class Contract {
    abstract DatabaseDsn emptyDatabase();

    @Test
    void keepsWhatItHasWhenStartedAgain() {
      DatabaseDsn dsn = emptyDatabase();
      try (ServiceCatalog catalog = start(dsn)) {
        new TestTenants(catalog).tenant("acme", "acme", null);
      }
      try (ServiceCatalog catalog = start(dsn)) {
        assertThat(catalog.query("SELECT id FROM tenants", row -> row.text("id")))
            .containsExactly("acme");
      }
    }

    @Test
    void migratesOnceWhenManyProcessesStartAtOnce() throws Exception {
      DatabaseDsn dsn = emptyDatabase();
      ExecutorService threads = Executors.newFixedThreadPool(8);
      try {
        List<Future<ServiceCatalog>> starting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          starting.add(threads.submit(() -> start(dsn)));
        }
        for (Future<ServiceCatalog> started : starting) {
          try (ServiceCatalog catalog = started.get()) {
            assertThat(
                    catalog.query(
                        "SELECT version FROM schema_version", row -> row.number("version")))
                .containsExactly(1L);
          }
        }
      } finally {
        threads.shutdownNow();
      }
    }

    @Test
    void refusesADatabaseOfANewerRelease() {
      DatabaseDsn dsn = emptyDatabase();
      try (ServiceCatalog catalog = start(dsn)) {
        catalog.update("INSERT INTO schema_version (version) VALUES (?)", 99);
      }
      assertThatThrownBy(() -> start(dsn))
          .hasMessageContaining("its version is 99 and this release knows versions up to 1");
    }

    @Test
    void findsAKeyWithItsTenantAndDatasets() {
      Instant expiry = Instant.parse("2030-02-03T04:05:06.789Z");
      try (ServiceCatalog catalog = start(emptyDatabase())) {
        TestTenants rows = new TestTenants(catalog);
        rows.tenant("acme", "acme-slug", "production");
        rows.dataset("acme", "production", "prod");
        rows.dataset("acme", "archive", "archive");
        rows.tenant("other", "other", null);
        rows.dataset("other", "production", "prod");
        rows.key("acme", "sk-1", expiry);
        assertThat(new Tenants(catalog).findKey(TestTenants.sha256("sk-1")))
            .contains(
                new StoredKey(
                    new Tenant(
                        "acme",
                        "acme-slug",
                        "production",
                        List.of(
                            new Tenant.Dataset("archive", "archive", false),
                            new Tenant.Dataset("production", "prod", false))),
                    expiry));
      }
    }

    @Test
    void findsNoUnknownNoRevokedKeyAndNoKeyOfADeletedTenant() {
      try (ServiceCatalog catalog = start(emptyDatabase())) {
        TestTenants rows = new TestTenants(catalog);
        Tenants tenants = new Tenants(catalog);
        rows.tenant("acme", "acme", null);
        rows.key("acme", "sk-1", null);
        rows.key("acme", "sk-2", null);
        rows.revoke("sk-1");
        assertThat(tenants.findKey(TestTenants.sha256("sk-0"))).isEmpty();
        assertThat(tenants.findKey(TestTenants.sha256("sk-1"))).isEmpty();
        assertThat(tenants.findKey(TestTenants.sha256("sk-2"))).isPresent();
        catalog.update("DELETE FROM tenants WHERE id = ?", "acme");
        assertThat(tenants.findKey(TestTenants.sha256("sk-2"))).isEmpty();
      }
    }

    @Test
    void reportsAFailingStatement() {
      try (ServiceCatalog catalog = start(emptyDatabase())) {
        assertThatThrownBy(() -> catalog.update("DELETE FROM nothing"))
            .isInstanceOfSatisfying(
                SignalDbException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
            .hasMessageStartingWith("The service catalog failed: ")
            .hasMessageContaining("nothing");
      }
    }

    static ServiceCatalog start(DatabaseDsn dsn) {
      ServiceCatalog catalog = new ServiceCatalog(dsn, 2);
      catalog.start();
      return catalog;
    }
  }

  @Nested
  class Sqlite extends Contract {
    @Override
    DatabaseDsn emptyDatabase() {
      return TestDatabases.sqlite(directory);
    }
  }

  @Nested
  class Postgresql extends Contract {
    @Override
    DatabaseDsn emptyDatabase() {
      return TestDatabases.postgresql();
    }
  }

  @Test
  void livesInMemoryAsLongAsItIsOpen() {
    try (ServiceCatalog catalog = Contract.start(new DatabaseDsn.Sqlite(null))) {
      new TestTenants(catalog).tenant("acme", "acme", null);
      assertThat(catalog.query("SELECT id FROM tenants", row -> row.text("id"))).hasSize(1);
    }
  }

  @Test
  void saysWhichDatabaseCannotBeOpened() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "no directory");
    assertThatThrownBy(() -> Contract.start(new DatabaseDsn.Sqlite(file.resolve("x.db"))))
        .isInstanceOfSatisfying(
            SignalDbException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContaining("Cannot open the service catalog sqlite://" + file + "/x.db")
        .hasMessageContaining("expected a reachable, writable database");
    Path text = Files.writeString(directory.resolve("text.db"), "this is text".repeat(1000));
    assertThatThrownBy(() -> Contract.start(new DatabaseDsn.Sqlite(text)))
        .hasMessageContaining("text.db")
        .hasMessageContaining("not a database");
    assertThatThrownBy(
            () ->
                Contract.start(
                    new DatabaseDsn.Postgresql("jdbc:postgresql://127.0.0.1:1/x", "me", "geheim")))
        .hasMessageContaining("postgresql://127.0.0.1:1/x")
        .hasMessageNotContaining("geheim");
  }

  @Test
  void refusesUseBeforeStartAndAfterClose() {
    ServiceCatalog catalog = new ServiceCatalog(TestDatabases.sqlite(directory), 1);
    assertThatThrownBy(() -> catalog.update("DELETE FROM tenants"))
        .hasMessageContaining("not open");
    catalog.start();
    catalog.close();
    catalog.close();
    assertThatThrownBy(() -> catalog.update("DELETE FROM tenants"))
        .hasMessageContaining("not open");
  }
}
