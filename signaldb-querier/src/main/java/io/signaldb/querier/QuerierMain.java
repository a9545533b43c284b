package io.signaldb.querier;

import io.micrometer.core.instrument.Gauge;
import io.signaldb.common.config.QuerierConfig;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.iceberg.IcebergTables;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.ServiceRunner;
import io.signaldb.datafusion.RuntimeOptions;
import io.signaldb.querier.read.Engine;
import io.signaldb.querier.read.SqlTables;
import io.signaldb.querier.read.TraceTable;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;

/** Runs a Querier. */
public final class QuerierMain {
  private QuerierMain() {}

  public static void main(String[] args) {
    ServiceRunner.run("querier", args, QuerierMain::assemble);
  }

  /** Some hundreds of files; the footer of a wide table with its page index takes half a MiB. */
  private static final long FOOTER_CACHE_BYTES = 256L << 20;

  /** Wires the Querier; order is start order, close runs in reverse. */
  public static Component assemble(SignalDbConfig config, ServiceContext context) {
    QuerierConfig options = config.querier();
    IcebergTables tables = new IcebergTables(config, context.storage());
    Engine engine = engine(config, context, options.memoryBytes(), 1);
    Gauge.builder("signaldb.querier.memory.reserved", engine, Engine::memoryReservedBytes)
        .description("Memory reserved by running queries, of querier.memory_bytes")
        .baseUnit("bytes")
        .register(context.meters());
    TraceTable traces =
        new TraceTable(
            context.schemas().table("traces"),
            tables::current,
            new LiveWriters(context.registry(), context.flightClients(), options.queryTimeout()),
            engine);
    // Of its own: what clients write in SQL may take all memory it is given.
    Engine sqlEngine =
        engine(config, context, config.sql().memoryBytes(), config.sql().maxConcurrent() + 1);
    Gauge.builder("signaldb.querier.sql.memory.reserved", sqlEngine, Engine::memoryReservedBytes)
        .description("Memory reserved by running SQL statements, of sql.memory_bytes")
        .baseUnit("bytes")
        .register(context.meters());
    SqlTables sqlTables =
        new SqlTables(
            context.schemas(),
            tables::current,
            new LiveWriters(context.registry(), context.flightClients(), config.sql().timeout()),
            sqlEngine);
    BufferAllocator allocator = context.childAllocator("querier");
    QuerierProducer producer =
        new QuerierProducer(options, config.sql(), traces, sqlTables, allocator, context.meters());
    FlightEndpoint flight =
        context.flightEndpoint("querier", options.bind(), options.flightPort(), producer);
    return Component.sequence(
        allocator::close,
        tables,
        engine,
        sqlEngine,
        producer,
        flight,
        context.register(ServiceType.QUERIER, flight::address));
  }

  /**
   * @param queries for how many at once there are threads: an operator that computes for long, a
   *     join of everything with everything for one, keeps its threads even when it is cancelled
   */
  private static Engine engine(
      SignalDbConfig config, ServiceContext context, long memoryBytes, int queries) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new Engine(
        new RuntimeOptions(
            memoryBytes,
            config.querier().spillDir(),
            processors * queries,
            Map.of(
                "datafusion.execution.target_partitions",
                Integer.toString(processors),
                "signaldb.metadata_cache_bytes",
                Long.toString(FOOTER_CACHE_BYTES))),
        context.storage());
  }
}
