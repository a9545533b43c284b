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
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A DataFusion runtime from start to close, one for the services of a process: its threads, its
 * memory for queries, its spill directory, its caches of Parquet footers and bloom filters, and the
 * S3 buckets it reaches. Whoever assembles the process makes it, starts it before the services that
 * use it and closes it after them. Thread-safe.
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

  private Engine(
      RuntimeOptions options, DatasetStorage storage, MeterRegistry meters, String reserved) {
    this.options = options;
    this.storage = storage;
    Gauge.builder(reserved, this, Engine::memoryReservedBytes)
        .description("Memory that running queries have reserved of this engine's pool")
        .baseUnit("bytes")
        .register(meters);
  }

  /**
   * The engine of the services of a process.
   *
   * @param storage borrowed
   */
  public Engine(SignalDbConfig config, DatasetStorage storage, MeterRegistry meters) {
    this(
        options(config, config.querier().memoryBytes(), 1),
        storage,
        meters,
        "signaldb.engine.memory.reserved");
  }

  /**
   * An engine for what clients write in SQL: it may take all memory and threads it is given, and
   * holds up nothing else.
   *
   * @param storage borrowed
   */
  public static Engine forSql(SignalDbConfig config, DatasetStorage storage, MeterRegistry meters) {
    return new Engine(
        options(config, config.sql().memoryBytes(), config.sql().maxConcurrent() + 1),
        storage,
        meters,
        "signaldb.engine.sql.memory.reserved");
  }

  /**
   * @param queries for how many at once there are threads: an operator that computes for long, a
   *     join of everything with everything for one, keeps its threads even when it is cancelled
   */
  private static RuntimeOptions options(SignalDbConfig config, long memoryBytes, int queries) {
    int processors = Runtime.getRuntime().availableProcessors();
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.put("datafusion.execution.target_partitions", Integer.toString(processors));
    return new RuntimeOptions(
        memoryBytes, config.querier().spillDir(), processors * queries, settings);
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
