package io.signaldb.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  @TempDir Path directory;

  @Test
  void defaultsNeedNoFile() {
    SignalDbConfig config = load(Map.of(), Map.of()).config();
    assertThat(config.acceptor().grpcPort()).isEqualTo(4317);
    assertThat(config.writer().commitInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.wal().maxSegmentSize()).isEqualTo(67108864);
    assertThat(config.auth().enabled()).isFalse();
    Path data = Path.of("").toAbsolutePath().resolve(".data");
    assertThat(config.dataDir()).isEqualTo(data);
    assertThat(config.wal().walDir()).isEqualTo(data.resolve("wal"));
    assertThat(config.storage().dsn()).isEqualTo(new StorageDsn.Local(data.resolve("storage")));
    assertThat(config.serviceCatalog())
        .isEqualTo(new DatabaseDsn.Sqlite(data.resolve("signaldb.db")));
  }

  @Test
  void commandLineGoesBeforeEnvironmentBeforeFileBeforeDefault() throws IOException {
    Path file =
        file(
            """
        [acceptor]
        grpc_port = 1
        http_port = 2
        bind = "127.0.0.2"
        """);
    SignalDbConfig config =
        new ConfigLoader(
                Map.of("SIGNALDB_ACCEPTOR_GRPC_PORT", "11", "SIGNALDB__ACCEPTOR__HTTP_PORT", "12"),
                Map.of("acceptor.http_port", "22", "writer.flight_port", "50051"))
            .load(file, Map.of("acceptor.grpc_port", "31"))
            .config();
    assertThat(config.acceptor().grpcPort()).isEqualTo(31);
    assertThat(config.acceptor().httpPort()).isEqualTo(12);
    assertThat(config.acceptor().bind()).isEqualTo("127.0.0.2");
    assertThat(config.writer().flightPort()).isEqualTo(50051);
  }

  @Test
  void variablesOfKeysNeverCollide() {
    assertThat(ConfigKeys.all()).extracting(ConfigKey::variable).doesNotHaveDuplicates();
  }

  @Test
  void listsAndTablesComeFromVariablesAsToml() {
    SignalDbConfig config =
        load(
                Map.of(
                    "SIGNALDB_AUTH_TENANTS",
                    "[{id='acme', slug='acme', name='Acme', api_keys=[{key='k'}]}]",
                    "SIGNALDB_SCHEMA_CATALOG_PROPERTIES",
                    "{ warehouse = 's3://w', 'header.X-Id' = 'a' }"),
                Map.of())
            .config();
    assertThat(config.auth().tenants().get(0).apiKeys().get(0).key()).isEqualTo("k");
    assertThat(config.schema().catalogProperties())
        .isEqualTo(Map.of("warehouse", "s3://w", "header.X-Id", "a"));
  }

  @Test
  void readsTenantsWithDatasetsKeysAndTheirOwnStorage() throws IOException {
    SignalDbConfig config =
        load(
            """
            [auth]
            enabled = true
            admin_api_key = "sk-admin-key"

            [[auth.tenants]]
            id = "acme"
            slug = "acme"
            name = "Acme Corporation"
            default_dataset = "production"

            [[auth.tenants.datasets]]
            id = "production"
            slug = "prod"
            is_default = true

            [[auth.tenants.datasets]]
            id = "archive"
            slug = "archive"
            [auth.tenants.datasets.storage]
            dsn = "s3://acme-archive/signals"

            [[auth.tenants.api_keys]]
            key = "sk-acme-prod-key-123"
            name = "Production Key"
            """);
    TenantConfig acme = config.auth().tenants().get(0);
    assertThat(acme.datasets())
        .extracting(DatasetConfig::storage)
        .containsExactly(
            null,
            new StorageConfig(new StorageDsn.S3("acme-archive", "signals", null, null, null)));
    assertThat(acme.apiKeys())
        .containsExactly(new ApiKeyConfig("sk-acme-prod-key-123", "Production Key"));
  }

  @Test
  void reportsEveryMistakeWithLineValueAndExpectation() {
    assertThatThrownBy(
            () ->
                load(
                    """
                    [wal]
                    max_segment_size = "64 MB"
                    wal_directory = "x"
                    [acceptor]
                    grpc_port = 70000
                    max_future = "1 fortnight"
                    [storage]
                    dsn = "ftp://host/x"
                    [writer]
                    zstd_level = "high"
                    """))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageStartingWith("Configuration is wrong in 6 places (file ")
        .hasMessageContaining(
            "line 2: wal.max_segment_size = \"64 MB\": expected a size: bytes as an integer, or"
                + " like \"64MiB\"")
        .hasMessageContaining("line 3: unknown key wal.wal_directory; did you mean wal_dir?")
        .hasMessageContaining(
            "line 5: acceptor.grpc_port = 70000: expected an integer from 0 to 65535")
        .hasMessageContaining(
            "line 6: acceptor.max_future = \"1 fortnight\": expected a duration like \"30s\"")
        .hasMessageContaining(
            "line 8: storage.dsn = \"ftp://host/x\": expected a scheme of file, memory or s3")
        .hasMessageContaining("line 10: writer.zstd_level = \"high\": expected an integer");
  }

  @Test
  void reportsSyntaxErrorsWithTheirLine() {
    assertThatThrownBy(() -> load("[wal]\nwal_dir = \n")).hasMessageContaining("line 2");
  }

  @Test
  void refusesAFileThatIsNotThere() {
    assertThatThrownBy(
            () ->
                new ConfigLoader(Map.of(), Map.of()).load(directory.resolve("none.toml"), Map.of()))
        .hasMessageContaining("none.toml")
        .hasMessageContaining("expected a readable TOML file");
  }

  @Test
  void refusesUnknownLongVariablesAndOptionsAndWarnsOfShortVariablesThatLookLikeASlip() {
    assertThatThrownBy(() -> load(Map.of("SIGNALDB__WAL__WALDIR", "x"), Map.of("wal.x", "1")))
        .hasMessageContaining("SIGNALDB__WAL__WALDIR")
        .hasMessageContaining("did you mean SIGNALDB__WAL__WAL_DIR?")
        .hasMessageContaining("option wal.x: no such key");
    assertThat(
            load(
                    Map.of(
                        "SIGNALDB_WAL_WALDIR", "/wal", "SIGNALDB_PORT_4317_TCP_ADDR", "10.0.0.1"),
                    Map.of())
                .warnings())
        .containsExactly(
            "Environment variable SIGNALDB_WAL_WALDIR is no configuration key and has no effect;"
                + " did you mean SIGNALDB_WAL_WAL_DIR?");
  }

  @Test
  void saysNothingOfVariablesOfTheLauncher() {
    Map<String, String> environment =
        Map.of(
            "SIGNALDB_JAVA_OPTS", "-Xmx1g", "SIGNALDB_NATIVE_CACHE", "/c", "SIGNALDB_API_KEY", "k");
    assertThat(load(environment, Map.of()).warnings()).isEmpty();
  }

  @Test
  void acceptsKeysOfEarlierFilesWithAWarning() throws IOException {
    LoadedConfig loaded =
        new ConfigLoader(Map.of(), Map.of())
            .load(file("[wal]\nmax_buffer_entries = 1000\nflush_interval_secs = 30\n"), Map.of());
    assertThat(loaded.warnings())
        .containsExactlyInAnyOrder(
            "wal.max_buffer_entries has no effect: every append is on disk before it is"
                + " acknowledged",
            "wal.flush_interval_secs has no effect: every append is on disk before it is"
                + " acknowledged");
  }

  @Test
  void neverShowsSecrets() {
    assertThatThrownBy(
            () ->
                load(
                    "[database]\ndsn = \"mysql://me:hunter2@db/x\"\n[auth]\nadmin_api_key = 7711223344556677"))
        .hasMessageContaining("mysql://***@db/x")
        .hasMessageContaining("auth.admin_api_key = ***: expected a string")
        .hasMessageNotContainingAny("hunter2", "7711223344556677");
  }

  @ParameterizedTest
  @CsvSource({
    "30s, PT30S",
    "500ms, PT0.5S",
    "1h30m, PT1H30M",
    "2d, PT48H",
    "5min, PT5M",
    "1h 5s, PT1H5S"
  })
  void readsDurations(String text, Duration expected) {
    assertThat(
            load(Map.of(), Map.of("router.query_timeout", text)).config().router().queryTimeout())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"30", "s", "-1s", "0s", "1.5h", "30 seconds", "", "99999999999999d"})
  void refusesOtherDurations(String text) {
    assertThatThrownBy(() -> load(Map.of(), Map.of("router.query_timeout", text)))
        .hasMessageContaining("router.query_timeout = \"" + text + "\": expected a duration");
  }

  @Test
  void takesAZeroDurationWhereItMeansSomething() {
    assertThat(
            load(Map.of(), Map.of("router.metrics_end_cutoff", "0s"))
                .config()
                .router()
                .metricsEndCutoff())
        .isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "4096, 4096", "64MiB, 67108864", "1 GiB, 1073741824", "10B, 10"})
  void readsSizes(String text, long expected) {
    assertThat(load(Map.of(), Map.of("writer.commit_bytes", text)).config().writer().commitBytes())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "64mb", "1.5GiB", "9999999TiB", ""})
  void refusesOtherSizes(String text) {
    assertThatThrownBy(() -> load(Map.of(), Map.of("writer.commit_bytes", text)))
        .hasMessageContaining("writer.commit_bytes = \"" + text + "\": expected a size");
  }

  @Test
  void refusesToListenToOtherMachinesWithoutAuth() {
    Map<String, String> open = Map.of("router.bind", "0.0.0.0");
    assertThatThrownBy(() -> load(Map.of(), open))
        .hasMessageContaining("router.bind: \"0.0.0.0\" is reachable from other machines")
        .hasMessageContaining("auth.allow_insecure_bind");
    assertThat(load(Map.of(), with(open, "auth.allow_insecure_bind", "true")).warnings()).isEmpty();
    assertThat(load(Map.of(), with(open, "auth.enabled", "true")).warnings()).isEmpty();
    assertThat(load(Map.of(), Map.of("router.bind", "::1")).warnings()).isEmpty();
  }

  @Test
  void refusesATtlBelowTheHeartbeat() {
    assertThatThrownBy(() -> load(Map.of(), Map.of("discovery.ttl", "10s")))
        .hasMessageContaining(
            "discovery.ttl: 10s: expected more than discovery.heartbeat_interval, 30s");
  }

  @Test
  void refusesStorageInMemoryUnderALastingCatalog() {
    assertThatThrownBy(() -> load(Map.of(), Map.of("storage.dsn", "memory://")))
        .hasMessageContaining("expected schema.catalog_uri = \"sqlite::memory:\"");
    Map<String, String> both =
        Map.of("storage.dsn", "memory://", "schema.catalog_uri", "sqlite::memory:");
    assertThat(load(Map.of(), both).config().storage().dsn()).isEqualTo(new StorageDsn.Memory());
  }

  @Test
  void refusesTenantsThatCannotBeToldApartOrNamed() {
    assertThatThrownBy(
            () ->
                load(
                    """
                    [[auth.tenants]]
                    id = "a"
                    slug = "../x"
                    name = "A"
                    default_dataset = "gone"
                    datasets = [{id="d", slug="d", is_default=true}, {id="e", slug="d", is_default=true}]
                    api_keys = [{key="same"}]
                    [[auth.tenants]]
                    id = "a"
                    slug = "b"
                    name = "B"
                    api_keys = [{key="same"}]
                    """))
        .hasMessageContaining("Invalid slug '../x'")
        .hasMessageContaining("default_dataset = \"gone\": expected one of")
        .hasMessageContaining("dataset 'e': slug \"d\" is used twice")
        .hasMessageContaining("at most one dataset with is_default")
        .hasMessageContaining("auth.tenants 'a': id \"a\" is used twice")
        .hasMessageContaining("is given twice")
        .hasMessageNotContaining("same");
  }

  @Test
  void refusesAKeyWhereASectionIsExpectedAndTheOtherWayRound() {
    assertThatThrownBy(() -> load("wal = 1\nacceptor.grpc_port.x = 1\nauth.tenants = 3\n"))
        .hasMessageContaining("line 1: wal: expected a section [wal]")
        .hasMessageContaining("acceptor.grpc_port")
        .hasMessageContaining("auth.tenants: expected tables [[auth.tenants]]");
  }

  @Test
  void printsWhatIsInEffectWithoutSecretsAndReadsItBack() throws IOException {
    SignalDbConfig config =
        load(
            """
            data_dir = "%s"
            [auth]
            admin_api_key = "geheim"
            [[auth.tenants]]
            id = "acme"
            slug = "acme"
            name = "Acme \\"quoted\\""
            [schema.catalog_properties]
            "a.b" = "geheim"
            [schema]
            catalog_uri = "postgresql://me:geheim@db:5432/catalog?ssl=true&password=geheim"
            [database]
            dsn = "postgresql://me:geheim@db:5432/services"
            [storage]
            dsn = "s3://geheim:geheim@minio:9000/bucket"
            """
                .formatted(directory));
    String text = ConfigText.effective(config);
    assertThat(text)
        .contains("admin_api_key = \"***\"")
        .contains("\"a.b\" = \"***\"")
        .contains("catalog_uri = \"postgresql://***@db:5432/catalog?ssl=true&password=***\"")
        .contains("dsn = \"postgresql://db:5432/services\"")
        .doesNotContain("geheim");
    assertThat(ConfigText.effective(load(text))).isEqualTo(text);
  }

  private static Map<String, String> with(Map<String, String> map, String key, String value) {
    Map<String, String> more = new HashMap<>(map);
    more.put(key, value);
    return more;
  }

  private SignalDbConfig load(String toml) throws IOException {
    return new ConfigLoader(Map.of(), Map.of()).load(file(toml), Map.of()).config();
  }

  private static LoadedConfig load(Map<String, String> environment, Map<String, String> options) {
    return new ConfigLoader(environment, Map.of()).load(null, options);
  }

  private Path file(String toml) throws IOException {
    return Files.writeString(directory.resolve("signaldb.toml"), toml);
  }
}
