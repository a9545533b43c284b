package io.signaldb.querier;

import io.signaldb.common.config.QuerierConfig;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.engine.Engine;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.iceberg.IcebergTables;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.ServiceRunner;
import io.signaldb.querier.read.FileQueries;
import io.signaldb.querier.read.SqlTables;
import io.signaldb.querier.read.TraceTable;
import org.apache.arrow.memory.BufferAllocator;

/** Runs a Querier. */
public final class QuerierMain {
  private QuerierMain() {}

  public static void main(String[] args) {
    ServiceRunner.run("querier", args, QuerierMain::assemble);
  }

  /** Wires a Querier with an engine of its own: one that has its process to itself. */
  public static Component assemble(SignalDbConfig config, ServiceContext context) {
    Engine engine = new Engine(config, context.storage(), context.meters());
    return Component.sequence(engine, assemble(config, context, engine));
  }

  /**
   * Wires the Querier; order is start order, close runs in reverse.
   *
   * @param engine borrowed; runs before the Querier starts and after it is closed
   */
  public static Component assemble(SignalDbConfig config, ServiceContext context, Engine engine) {
    QuerierConfig options = config.querier();
    IcebergTables tables = new IcebergTables(config, context.storage());
    TraceTable traces =
        new TraceTable(
            context.schemas().table("traces"),
            tables::current,
            new LiveWriters(context.registry(), context.flightClients(), options.queryTimeout()),
            new FileQueries(engine));
    // Of its own: what clients write in SQL may take all memory and threads it is given.
    Engine sqlEngine = Engine.forSql(config, context.storage(), context.meters());
    SqlTables sqlTables =
        new SqlTables(
            context.schemas(),
            tables::current,
            new LiveWriters(context.registry(), context.flightClients(), config.sql().timeout()),
            new FileQueries(sqlEngine));
    BufferAllocator allocator = context.childAllocator("querier");
    QuerierProducer producer =
        new QuerierProducer(options, config.sql(), traces, sqlTables, allocator, context.meters());
    FlightEndpoint flight =
        context.flightEndpoint("querier", options.bind(), options.flightPort(), producer);
    return Component.sequence(
        allocator::close,
        tables,
        sqlEngine,
        producer,
        flight,
        context.register(ServiceType.QUERIER, flight::address));
  }
}
