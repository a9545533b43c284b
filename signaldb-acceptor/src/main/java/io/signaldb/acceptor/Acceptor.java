package io.signaldb.acceptor;

import io.signaldb.acceptor.forward.BatchIds;
import io.signaldb.acceptor.forward.FlightBatchForwarder;
import io.signaldb.acceptor.receive.OtlpServer;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.wal.WalRoot;

/** The parts of an Acceptor in their order. */
final class Acceptor implements Component {
  private final OtlpServer server;
  private final Component parts;

  Acceptor(SignalDbConfig config, ServiceContext context) {
    WalRoot root =
        new WalRoot(
            config.wal().walDir().resolve("acceptor"),
            config.wal().maxSegmentSize(),
            context.meters());
    BatchIds ids = new BatchIds(root);
    FlightBatchForwarder forwarder =
        new FlightBatchForwarder(
            context.registry(),
            ids,
            config.flight(),
            context.localWriters(),
            context.authenticator().serviceKey());
    server = new OtlpServer(config, context, forwarder);
    parts =
        Component.sequence(
            root,
            ids,
            forwarder,
            server,
            context.register(ServiceType.ACCEPTOR, server::grpcAddress));
  }

  @Override
  public void start() throws Exception {
    parts.start();
  }

  /** Where OTLP/gRPC is taken; only after start. */
  HostAndPort grpcAddress() {
    return server.grpcAddress();
  }

  /** Where OTLP/HTTP is taken; only after start. */
  HostAndPort httpAddress() {
    return server.httpAddress();
  }

  @Override
  public void close() {
    parts.close();
  }
}
