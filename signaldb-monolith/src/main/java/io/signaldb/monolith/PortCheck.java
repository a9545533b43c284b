package io.signaldb.monolith;

import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

/** Tells before anything starts which port is taken and which key moves it. */
final class PortCheck implements Component {
  private final List<Port> ports;

  PortCheck(SignalDbConfig config) {
    this.ports =
        List.of(
            new Port(
                "OTLP/gRPC",
                config.acceptor().bind(),
                config.acceptor().grpcPort(),
                "acceptor",
                "grpc_port"),
            new Port(
                "OTLP/HTTP",
                config.acceptor().bind(),
                config.acceptor().httpPort(),
                "acceptor",
                "http_port"),
            new Port(
                "the HTTP API",
                config.router().bind(),
                config.router().httpPort(),
                "router",
                "http_port"),
            new Port(
                "the Router's Flight",
                config.router().bind(),
                config.router().flightPort(),
                "router",
                "flight_port"),
            new Port(
                "the Writer's Flight",
                config.writer().bind(),
                config.writer().flightPort(),
                "writer",
                "flight_port"),
            new Port(
                "the Querier's Flight",
                config.querier().bind(),
                config.querier().flightPort(),
                "querier",
                "flight_port"));
  }

  /**
   * @param number 0 takes a free one and cannot be in conflict
   */
  private record Port(String use, String bind, int number, String section, String key) {
    void requireFree() throws IOException {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(bind), number);
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(address);
      } catch (IOException e) {
        throw new SignalDbException(
            ErrorCode.UNAVAILABLE,
            "Port %d on %s, for %s, cannot be opened (%s): stop what uses it, or set [%s] %s in signaldb.toml, or %s"
                .formatted(number, bind, use, e.getMessage(), section, key, variable()),
            e);
      }
    }

    private String variable() {
      return ("SIGNALDB_" + section + "_" + key).toUpperCase(java.util.Locale.ROOT);
    }
  }

  @Override
  public void start() throws IOException {
    for (Port port : ports) {
      if (port.number != 0) {
        port.requireFree();
      }
    }
  }

  @Override
  public void close() {}
}
