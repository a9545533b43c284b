package io.signaldb.writer;

import io.micrometer.core.instrument.MeterRegistry;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.config.WriterConfig;
import io.signaldb.common.engine.Engine;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.iceberg.IcebergTables;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.ServiceRunner;
import io.signaldb.common.wal.WalRoot;
import java.time.Clock;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;

/** Runs a Writer. */
public final class WriterMain {
  private WriterMain() {}

  public static void main(String[] args) {
    ServiceRunner.run("writer", args, WriterMain::assemble);
  }

  /** Wires a Writer with an engine of its own: one that has its process to itself. */
  public static Component assemble(SignalDbConfig config, ServiceContext context) {
    Engine engine = new Engine(config, context.storage(), context.meters());
    return Component.sequence(engine, assemble(config, context, engine));
  }

  /**
   * Wires the Writer; order is start order, close runs in reverse. It serves and registers once its
   * logs are replayed, and commits what it holds when it is closed.
   *
   * @param engine borrowed; runs before the Writer starts and after it is closed
   */
  public static Component assemble(SignalDbConfig config, ServiceContext context, Engine engine) {
    return assemble(config, context, engine, UnaryOperator.identity());
  }

  /**
   * See {@link #assemble(SignalDbConfig, ServiceContext, Engine)}.
   *
   * @param files what stands between the commits and the writer of data files
   */
  static Component assemble(
      SignalDbConfig config,
      ServiceContext context,
      Engine engine,
      UnaryOperator<DataFileWriter> files) {
    WriterConfig options = config.writer();
    Clock clock = context.clock();
    MeterRegistry registry = context.meters();
    WriterMeters meters = new WriterMeters(registry);
    BufferAllocator allocator = context.childAllocator("writer");

    IcebergTables iceberg = new IcebergTables(config, context.storage());
    WalRoot root =
        new WalRoot(
            config.wal().walDir().resolve("writer"), config.wal().maxSegmentSize(), registry);
    RowBudget budget = new RowBudget(options.maxUncommittedBytes());
    HeldTables tables = new HeldTables(root, iceberg, context.schemas(), engine, budget);
    BatchIds ids = new BatchIds();
    LogReclaimer reclaimer = new LogReclaimer(root, tables, ids);
    DataFileWriter parquet = files.apply(new ParquetFiles(engine, allocator, options.zstdLevel()));
    CommitLoop commits =
        new CommitLoop(
            tables,
            rows -> new TableCommitter(rows, iceberg, parquet, root.id(), meters, options),
            reclaimer,
            options,
            meters,
            clock);
    BatchIntake intake =
        new BatchIntake(tables, ids, commits, meters, clock, config.service().shutdownTimeout());
    FreshRows fresh = new FreshRows(tables, context.schemas(), engine, root, allocator);
    FlightEndpoint flight =
        context.flightEndpoint(
            "writer",
            options.bind(),
            options.flightPort(),
            new WriterProducer(intake, fresh, commits, allocator));
    meters.gauges(registry, budget::used, () -> commits.oldestAge());
    return Component.sequence(
        allocator::close,
        iceberg,
        root,
        tables,
        commits,
        intake,
        new Replay(root, tables, intake, reclaimer),
        flight,
        context.registerWriter(
            flight::address, (caller, batch) -> intake.submit(caller, batch, batch.encode())));
  }
}
