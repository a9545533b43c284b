package io.signaldb.writer;

import io.signaldb.common.config.StorageDsn;
import io.signaldb.common.iceberg.S3Properties;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.storage.DatasetStorage;
import io.signaldb.datafusion.DataFusionRuntime;
import io.signaldb.datafusion.RuntimeOptions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The DataFusion runtime of this Writer, from start to close. */
final class Engine implements Component {
  /**
   * Batches are slices of the message they came in, and a repartition reckons each as large as the
   * whole message: with few batches, for which it is planned, it soon exceeds the memory.
   */
  private static final Map<String, String> SETTINGS =
      Map.of("datafusion.optimizer.enable_round_robin_repartition", "false");

  /** For sorting and scanning; the rows themselves come on top, bounded by their own limit. */
  private static final long MEMORY_BYTES = 1L << 30;

  private final DatasetStorage storage;
  private volatile @Nullable DataFusionRuntime runtime;

  /**
   * @param storage borrowed
   */
  Engine(DatasetStorage storage) {
    this.storage = storage;
  }

  @Override
  public void start() {
    runtime =
        DataFusionRuntime.open(
            new RuntimeOptions(
                MEMORY_BYTES, null, Runtime.getRuntime().availableProcessors(), SETTINGS));
  }

  DataFusionRuntime runtime() {
    DataFusionRuntime opened = runtime;
    if (opened == null) {
      throw new IllegalStateException("The engine is not running");
    }
    return opened;
  }

  /** Makes the store of a dataset writable for the runtime. */
  void reach(String tenantSlug, String datasetSlug) {
    if (storage.of(tenantSlug, datasetSlug) instanceof StorageDsn.S3 s3) {
      runtime().registerS3("s3://" + s3.bucket(), S3Properties.ofObjectStore(s3));
    }
  }

  @Override
  public void close() {
    DataFusionRuntime opened = runtime;
    runtime = null;
    if (opened != null) {
      opened.close();
    }
  }
}
