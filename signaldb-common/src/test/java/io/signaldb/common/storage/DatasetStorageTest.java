package io.signaldb.common.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.config.StorageDsn;
import io.signaldb.common.service.TestServices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetStorageTest {
  @TempDir Path directory;

  private DatasetStorage storage(Map<String, String> settings) {
    return new DatasetStorage(TestServices.config(directory, settings));
  }

  @Test
  void keepsADatasetsTablesBelowItsSlugs() {
    assertThat(storage(Map.of()).location("acme", "prod", "traces"))
        .isEqualTo("file://" + directory + "/storage/acme/prod/traces");
    assertThat(
            storage(Map.of("storage.dsn", "s3://bucket/some/prefix"))
                .location("acme", "prod", "traces"))
        .isEqualTo("s3://bucket/some/prefix/acme/prod/traces");
  }

  @Test
  void aDatasetCanHaveAStoreOfItsOwn() {
    DatasetStorage storage =
        storage(
            Map.of(
                "auth.tenants",
                "[{id='a', slug='acme', name='A', datasets=[{id='old', slug='arch',"
                    + " storage={dsn='s3://ak:sk@minio:9000/cold/x'}}]}]"));
    assertThat(storage.location("acme", "arch", "traces"))
        .isEqualTo("s3://cold/x/acme/arch/traces");
    assertThat(storage.location("acme", "prod", "traces")).startsWith("file://");
    assertThat(storage.of("acme", "arch"))
        .isInstanceOfSatisfying(
            StorageDsn.S3.class, s3 -> assertThat(s3.accessKey()).isEqualTo("ak"));
  }

  @Test
  void memoryIsADirectoryThatLivesFromStartToClose() throws Exception {
    DatasetStorage storage =
        storage(Map.of("storage.dsn", "memory://", "schema.catalog_uri", "sqlite::memory:"));
    Path table = Path.of(storage.location("t", "d", "traces").substring("file://".length()));
    storage.start();
    Files.createDirectories(table);
    Files.writeString(table.resolve("file"), "rows");
    storage.close();
    storage.close();
    assertThat(directory).isEmptyDirectory();
  }
}
