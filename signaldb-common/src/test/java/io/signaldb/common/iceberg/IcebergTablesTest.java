package io.signaldb.common.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.config.ConfigLoader;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.storage.DatasetStorage;
import io.signaldb.common.tenant.TenantContext;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every SQL catalog, then what is special. */
class IcebergTablesTest {
  private static final TenantContext ACME = new TenantContext("t1", "d1", "acme", "prod");
  private static final TableSchema TRACES = Schemas.load().table("traces");
  private static final TableIdentifier ACME_TRACES =
      TableIdentifier.of(Namespace.of("acme", "prod"), "traces");

  @TempDir Path dataDir;

  abstract class Contract {
    private IcebergTables tables;

    abstract Map<String, String> options();

    @BeforeEach
    void open() {
      tables = started(options());
    }

    @AfterEach
    void close() {
      tables.close();
    }

    @Test
    void createsATableAsTheSchemaSays() {
      Table table = tables.loadOrCreate(ACME, TRACES);

      assertThat(table.location())
          .isEqualTo("file://" + dataDir.resolve("storage/acme/prod/traces"));
      assertThat(table.spec().fields()).hasSize(1);
      assertThat(table.spec().fields().get(0).name()).isEqualTo("timestamp_hour");
      assertThat(table.sortOrder().fields())
          .extracting(field -> table.schema().findColumnName(field.sourceId()))
          .containsExactly("trace_id", "timestamp");
      assertThat(table.properties())
          .containsEntry("write.metadata.metrics.default", "none")
          .containsEntry("write.metadata.metrics.column.timestamp", "full")
          .containsEntry("write.metadata.metrics.column.trace_id", "truncate(16)")
          .containsEntry("write.metadata.delete-after-commit.enabled", "true")
          .containsEntry("commit.retry.num-retries", "20");
      assertThat(((SupportsNamespaces) tables.catalog()).listNamespaces(Namespace.of("acme")))
          .containsExactly(Namespace.of("acme", "prod"));
    }

    @Test
    void findsTheTableAgainAndLeavesItAsItIs() {
      assertThat(tables.find("acme", "prod", "traces")).isEmpty();
      tables.loadOrCreate(ACME, TRACES);
      String location = tables.current("acme", "prod", "traces").orElseThrow().metadataLocation();

      tables.loadOrCreate(ACME, TRACES);

      assertThat(tables.current("acme", "prod", "traces").orElseThrow().metadataLocation())
          .isEqualTo(location);
      assertThat(tables.find("acme", "prod", "traces")).isPresent();
      assertThat(tables.find("acme", "other", "traces")).isEmpty();
    }

    @Test
    void addsColumnsThatATableLacksAndKeepsTheFieldIdsOfTheRest() {
      Schema former =
          new Schema(
              Types.NestedField.optional(1, "extra", Types.StringType.get()),
              Types.NestedField.required(2, "timestamp", Types.TimestampType.withoutZone()),
              Types.NestedField.required(3, "trace_id", Types.StringType.get()));
      ((SupportsNamespaces) tables.catalog()).createNamespace(Namespace.of("acme", "prod"));
      Table created =
          tables
              .catalog()
              .createTable(
                  ACME_TRACES, former, PartitionSpec.builderFor(former).hour("timestamp").build());

      Table table = tables.loadOrCreate(ACME, TRACES);

      assertThat(table.uuid()).isEqualTo(created.uuid());
      assertThat(table.schema().findField("extra").fieldId()).isEqualTo(1);
      assertThat(table.schema().findField("timestamp").fieldId()).isEqualTo(2);
      assertThat(table.schema().findField("trace_id").fieldId()).isEqualTo(3);
      assertThat(table.schema().columns())
          .extracting(Types.NestedField::name)
          .containsAll(TRACES.storage().stream().map(column -> column.name()).toList());
      assertThat(table.schema().findField("span_name").isOptional()).isTrue();
    }

    @Test
    void givesReadersTheSameSnapshotUntilTheTableChanges() throws IOException {
      Table table = tables.loadOrCreate(ACME, TRACES);
      TableSnapshot first = tables.current("acme", "prod", "traces").orElseThrow();
      assertThat(first.watermarks()).isEmpty();
      table.refresh();
      Files.delete(LocalFileIO.path(first.metadataLocation()));

      assertThat(tables.current("acme", "prod", "traces")).containsSame(first);

      UUID writer = UUID.randomUUID();
      table.updateProperties().set(Watermarks.key(writer), "7").commit();
      TableSnapshot second = tables.current("acme", "prod", "traces").orElseThrow();
      assertThat(second.metadataLocation()).isNotEqualTo(first.metadataLocation());
      assertThat(second.watermarks()).containsOnly(Map.entry(writer, 7L));
      assertThat(first.watermarks()).isEmpty();
    }

    @Test
    void forgetsATableThatWasDroppedAndFindsTheOneCreatedAnew() {
      UUID dropped = tables.loadOrCreate(ACME, TRACES).uuid();
      assertThat(tables.current("acme", "prod", "traces")).isPresent();
      tables.catalog().dropTable(ACME_TRACES, false);
      assertThat(tables.current("acme", "prod", "traces")).isEmpty();

      Table created = tables.loadOrCreate(ACME, TRACES);

      assertThat(tables.current("acme", "prod", "traces").orElseThrow().table().uuid())
          .isEqualTo(created.uuid())
          .isNotEqualTo(dropped);
    }

    @Test
    void twoProcessesSeeEachOthersTables() {
      try (IcebergTables other = started(options())) {
        Table mine = tables.loadOrCreate(ACME, TRACES);
        Table theirs = other.loadOrCreate(ACME, TRACES);

        theirs.updateProperties().set("a", "1").commit();
        mine.updateProperties().set("b", "2").commit();

        theirs.refresh();
        assertThat(theirs.properties()).containsEntry("a", "1").containsEntry("b", "2");
      }
    }
  }

  @Nested
  class OnSqlite extends Contract {
    @Override
    Map<String, String> options() {
      return Map.of();
    }
  }

  @Nested
  class OnPostgresql extends Contract {
    private EmbeddedPostgres server;

    @Override
    Map<String, String> options() {
      try {
        if (server == null) {
          server = EmbeddedPostgres.start();
        }
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      return Map.of(
          "schema.catalog_uri",
          "postgresql://postgres:postgres@localhost:%d/postgres".formatted(server.getPort()));
    }

    @AfterEach
    void stop() throws IOException {
      server.close();
    }
  }

  @Test
  void putsTheTablesOfADatasetWithItsOwnStoreThere() throws IOException {
    Path own = dataDir.resolve("elsewhere");
    Path file = dataDir.resolve("signaldb.toml");
    Files.writeString(
        file,
        """
        [[auth.tenants]]
        id = "t1"
        slug = "acme"
        name = "Acme"

        [[auth.tenants.datasets]]
        id = "d1"
        slug = "prod"
        [auth.tenants.datasets.storage]
        dsn = "file://%s"
        """
            .formatted(own));
    try (IcebergTables tables = started(file, Map.of())) {
      Table table = tables.loadOrCreate(ACME, TRACES);
      assertThat(table.location()).isEqualTo("file://" + own + "/acme/prod/traces");
      assertThat(own.resolve("acme/prod/traces/metadata")).isNotEmptyDirectory();
    }
  }

  @Test
  void opensOtherCatalogsByTheirProperties() throws IOException {
    Path file = dataDir.resolve("signaldb.toml");
    Files.writeString(
        file,
        """
        [schema]
        catalog_type = "custom"
        [schema.catalog_properties]
        catalog-impl = "org.apache.iceberg.inmemory.InMemoryCatalog"
        """);
    try (IcebergTables tables = started(file, Map.of())) {
      Table table = tables.loadOrCreate(ACME, TRACES);
      assertThat(table.location()).endsWith("/acme/prod/traces");
      assertThat(tables.current("acme", "prod", "traces")).isPresent();
    }
  }

  @Test
  void refusesToWorkBeforeItIsStarted() {
    SignalDbConfig config = config(null, Map.of());
    IcebergTables tables = new IcebergTables(config, new DatasetStorage(config));

    assertThatThrownBy(() -> tables.find("acme", "prod", "traces"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not open");
    tables.close();
  }

  private IcebergTables started(Map<String, String> options) {
    return started(null, options);
  }

  private IcebergTables started(Path file, Map<String, String> options) {
    SignalDbConfig config = config(file, options);
    IcebergTables tables = new IcebergTables(config, new DatasetStorage(config));
    tables.start();
    return tables;
  }

  private SignalDbConfig config(Path file, Map<String, String> options) {
    Map<String, String> all = new HashMap<>(options);
    all.put("data_dir", dataDir.toString());
    return new ConfigLoader(Map.of(), Map.of()).load(file, all).config();
  }
}
