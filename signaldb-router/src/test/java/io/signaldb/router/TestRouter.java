package io.signaldb.router;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.signaldb.common.config.ConfigLoader;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.Location;
import org.apache.arrow.memory.BufferAllocator;

/** A Router on free ports, with a catalog of its own and the Queriers a test puts into it. */
final class TestRouter implements AutoCloseable {
  private final ServiceContext context;
  private final BufferAllocator allocator;
  private final FakeQuerier querier;
  private final Component queriers;
  private final Router router;
  private Component unreachable = Component.sequence();

  private TestRouter(SignalDbConfig config) {
    this.context = new ServiceContext(config, Clock.systemUTC());
    this.allocator = context.childAllocator("test");
    this.querier = new FakeQuerier(allocator);
    this.queriers =
        Component.sequence(querier, context.register(ServiceType.QUERIER, querier::address));
    this.router = RouterMain.assemble(config, context);
  }

  /** A Router and a Querier it knows; queries time out after some seconds. */
  static TestRouter start(Path directory) throws Exception {
    return start(directory, Map.of());
  }

  static TestRouter start(Path directory, Map<String, String> more) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("data_dir", directory.toString());
    settings.put("router.http_port", "0");
    settings.put("router.flight_port", "0");
    settings.put("router.query_timeout", "4s");
    settings.putAll(more);
    var test = new TestRouter(new ConfigLoader(Map.of(), Map.of()).load(null, settings).config());
    test.context.start();
    test.queriers.start();
    test.router.start();
    test.context.setReady(true);
    return test;
  }

  FakeQuerier querier() {
    return querier;
  }

  /** A gRPC channel to the HTTP port; the caller closes it. */
  ManagedChannel grpc() {
    return NettyChannelBuilder.forAddress("127.0.0.1", router.httpPort()).usePlaintext().build();
  }

  URI http(String path) {
    return URI.create("http://127.0.0.1:" + router.httpPort() + path);
  }

  /** A client of the Flight port, without credentials. */
  FlightClient flight() {
    return FlightClient.builder(
            allocator, Location.forGrpcInsecure("127.0.0.1", router.flightPort()))
        .build();
  }

  void registerUnreachableQuerier() throws Exception {
    // Port 1 is the TCP multiplexer's; nothing listens there.
    unreachable = context.register(ServiceType.QUERIER, () -> new HostAndPort("127.0.0.1", 1));
    unreachable.start();
  }

  void stopQuerier() {
    queriers.close();
  }

  @Override
  public void close() {
    router.close();
    unreachable.close();
    queriers.close();
    allocator.close();
    context.close();
  }
}
