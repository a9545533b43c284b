package io.signaldb.acceptor;

import io.signaldb.acceptor.forward.BatchIds;
import io.signaldb.acceptor.forward.FlightBatchForwarder;
import io.signaldb.acceptor.otlp.SpanLimits;
import io.signaldb.acceptor.otlp.TraceEncoder;
import io.signaldb.acceptor.receive.OtlpServer;
import io.signaldb.common.config.AcceptorConfig;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.ServiceRunner;
import io.signaldb.common.wal.WalRoot;

/** The Acceptor: takes OTLP in and answers once a Writer has the rows on disk. */
public final class AcceptorMain {
  private AcceptorMain() {}

  public static void main(String[] args) {
    ServiceRunner.run("acceptor", args, AcceptorMain::assemble);
  }

  /** Wires the Acceptor; order is start order, close runs in reverse. */
  public static Component assemble(SignalDbConfig config, ServiceContext context) {
    TableSchema traces = context.schemas().table("traces");
    WalRoot root =
        new WalRoot(
            config.wal().walDir().resolve("acceptor"),
            config.wal().maxSegmentSize(),
            context.meters());
    BatchIds ids = new BatchIds(root);
    FlightBatchForwarder forwarder =
        new FlightBatchForwarder(
            context.registry(), ids, config.flight(), config.auth().internalServiceKey());
    OtlpServer server =
        new OtlpServer(
            config.acceptor(),
            context.authenticator(),
            new TraceEncoder(traces, limits(config.acceptor()), context.clock()),
            traces,
            forwarder,
            config.flight().callTimeout(),
            config.service().shutdownTimeout(),
            context.meters(),
            context::addOpsEndpoints);
    return Component.sequence(
        root, ids, forwarder, server, context.register(ServiceType.ACCEPTOR, server::grpcAddress));
  }

  private static SpanLimits limits(AcceptorConfig config) {
    Long maxValueBytes = config.maxAttributeValueBytes();
    return new SpanLimits(
        config.maxFuture(),
        config.maxPast(),
        maxValueBytes == null ? SpanLimits.DEFAULT.maxValueBytes() : maxValueBytes,
        SpanLimits.DEFAULT.maxDepth());
  }
}
