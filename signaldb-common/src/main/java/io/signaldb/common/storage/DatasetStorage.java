package io.signaldb.common.storage;

import io.signaldb.common.config.DatasetConfig;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.config.StorageConfig;
import io.signaldb.common.config.StorageDsn;
import io.signaldb.common.config.TenantConfig;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Where each dataset's files are kept: {@code storage.dsn}, or the dataset's own. Start makes the
 * directory that stands for {@code memory://}, close deletes it. Immutable.
 */
public final class DatasetStorage implements Component {
  private final StorageDsn.Local memory;
  private final StorageDsn global;
  private final Map<Dataset, StorageDsn> overrides = new HashMap<>();

  private record Dataset(String tenantSlug, String datasetSlug) {}

  public DatasetStorage(SignalDbConfig config) {
    this.memory = new StorageDsn.Local(config.dataDir().resolve("memory-" + UUID.randomUUID()));
    this.global = kept(config.storage().dsn());
    for (TenantConfig tenant : config.auth().tenants()) {
      for (DatasetConfig dataset : tenant.datasets()) {
        StorageConfig storage = dataset.storage();
        if (storage != null) {
          overrides.put(new Dataset(tenant.slug(), dataset.slug()), kept(storage.dsn()));
        }
      }
    }
  }

  private StorageDsn kept(StorageDsn dsn) {
    return dsn instanceof StorageDsn.Memory ? memory : dsn;
  }

  /** The store of datasets that have none of their own: Local or S3. */
  public StorageDsn standard() {
    return global;
  }

  /** The dataset's store: Local or S3. */
  public StorageDsn of(String tenantSlug, String datasetSlug) {
    return overrides.getOrDefault(new Dataset(tenantSlug, datasetSlug), global);
  }

  /** URI of a table's directory, without a slash at its end. */
  public String location(String tenantSlug, String datasetSlug, String table) {
    return root(of(tenantSlug, datasetSlug)) + String.join("/", "", tenantSlug, datasetSlug, table);
  }

  /** URI of a store's directory, without a slash at its end. */
  public static String root(StorageDsn dsn) {
    if (dsn instanceof StorageDsn.S3 s3) {
      return s3.toString();
    }
    if (dsn instanceof StorageDsn.Local local) {
      return "file://" + local.directory();
    }
    throw new IllegalArgumentException("memory is kept in a directory");
  }

  @Override
  public void start() throws IOException {
    if (usesMemory()) {
      Files.createDirectories(memory.directory());
    }
  }

  private boolean usesMemory() {
    return global.equals(memory) || overrides.containsValue(memory);
  }

  @Override
  public void close() {
    Path directory = memory.directory();
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new SignalDbException(
          ErrorCode.INTERNAL, "Cannot delete the files of memory:// in " + directory, e);
    }
  }
}
