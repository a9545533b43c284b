package io.signaldb.common.engine;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.config.StorageDsn;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.iceberg.S3Properties;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.storage.DatasetStorage;
import io.signaldb.datafusion.DataFusionException;
import io.signaldb.datafusion.DataFusionRuntime;
import io.signaldb.datafusion.RuntimeOptions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The one DataFusion runtime of a process, from start to close: its threads, its memory for
 * queries, its spill directory, its caches of Parquet footers and bloom filters, and the S3 buckets
 * it reaches. Whoever assembles the process makes it, starts it before the services that use it and
 * closes it after them. Thread-safe.
 */
public final class Engine implements Component {
  /** Some hundreds of files; the footer of a wide table with its page index takes half a MiB. */
  private static final long FOOTER_CACHE_BYTES = 256L << 20;

  /**
   * No repartitioning of rows in turn: batches of fresh rows are slices of the message they came
   * in, and a repartition reckons each as large as the whole message. With few batches, for which
   * it is planned, it soon exceeds the memory.
   */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "datafusion.optimizer.enable_round_robin_repartition",
          "false",
          "signaldb.metadata_cache_bytes",
          Long.toString(FOOTER_CACHE_BYTES));

  private final RuntimeOptions options;
  private final DatasetStorage storage;
  private final Set<StorageDsn> reachable = ConcurrentHashMap.newKeySet();
  private volatile @Nullable DataFusionRuntime runtime;

  /**
   * @param storage borrowed
   */
  public Engine(SignalDbConfig config, DatasetStorage storage, MeterRegistry meters) {
    this.options =
        new RuntimeOptions(
            config.querier().memoryBytes(),
            config.querier().spillDir(),
            Runtime.getRuntime().availableProcessors(),
            SETTINGS);
    this.storage = storage;
    Gauge.builder("signaldb.engine.memory.reserved", this, Engine::memoryReservedBytes)
        .description("Memory reserved by running queries, of querier.memory_bytes")
        .baseUnit("bytes")
        .register(meters);
  }

  /**
   * @throws SignalDbException UNAVAILABLE if the native library cannot be used or the spill
   *     directory cannot be made
   */
  @Override
  public void start() {
    try {
      runtime = DataFusionRuntime.open(options);
    } catch (DataFusionException e) {
      throw new SignalDbException(
          ErrorCode.UNAVAILABLE, "The engine cannot start: " + e.getMessage(), e);
    }
  }

  private double memoryReservedBytes() {
    DataFusionRuntime opened = runtime;
    return opened == null ? 0 : opened.stats().memoryReservedBytes();
  }

  /**
   * The runtime; borrowed.
   *
   * @throws IllegalStateException before start and after close
   */
  public DataFusionRuntime runtime() {
    DataFusionRuntime opened = runtime;
    if (opened == null) {
      throw new IllegalStateException("The engine is not running");
    }
    return opened;
  }

  /** The runtime, which can now read and write the files of a dataset; borrowed. */
  public DataFusionRuntime runtimeFor(String tenantSlug, String datasetSlug) {
    DataFusionRuntime opened = runtime();
    StorageDsn store = storage.of(tenantSlug, datasetSlug);
    if (store instanceof StorageDsn.S3 s3 && !reachable.contains(store)) {
      opened.registerS3("s3://" + s3.bucket(), S3Properties.ofObjectStore(s3));
      reachable.add(store);
    }
    return opened;
  }

  @Override
  public void close() {
    DataFusionRuntime opened = runtime;
    runtime = null;
    reachable.clear();
    if (opened != null) {
      opened.close();
    }
  }
}
