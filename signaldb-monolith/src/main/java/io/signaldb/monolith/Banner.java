package io.signaldb.monolith;

import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.lifecycle.Component;
import java.io.PrintStream;

/** Says, once everything has started, where everything listens and what to try. */
final class Banner implements Component {
  private final SignalDbConfig config;
  private final PrintStream out;

  Banner(SignalDbConfig config, PrintStream out) {
    this.config = config;
    this.out = out;
  }

  @Override
  public void start() {
    String http = "http://" + address(config.router().bind(), config.router().httpPort());
    out.printf(
        """

        SignalDB is ready.

          Send traces    OTLP/gRPC  http://%s
                         OTLP/HTTP  http://%s/v1/traces
          Ask            Tempo API  %s/tempo   (a Tempo data source in Grafana)
                         Flight     grpc://%s
          Look after     %s/ready, %s/metrics
          Data           %s

          Try it:  curl -G %s/tempo/api/search --data-urlencode 'q={}'
          Stop it: Ctrl-C

        """,
        address(config.acceptor().bind(), config.acceptor().grpcPort()),
        address(config.acceptor().bind(), config.acceptor().httpPort()),
        http,
        address(config.router().bind(), config.router().flightPort()),
        http,
        http,
        config.dataDir().toAbsolutePath().normalize(),
        http);
    out.flush();
  }

  /** How a client on this machine reaches what listens on {@code bind}. */
  static HostAndPort address(String bind, int port) {
    boolean anyAddress = bind.equals("0.0.0.0") || bind.equals("::");
    return new HostAndPort(anyAddress || bind.equals("127.0.0.1") ? "localhost" : bind, port);
  }

  @Override
  public void close() {}
}
