package io.signaldb.common.http;

import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.signaldb.common.lifecycle.Component;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link OpsEndpoints} on a port of their own, for processes without an HTTP API. */
public final class OpsServer implements Component {
  private static final Logger log = LoggerFactory.getLogger(OpsServer.class);

  private final Server server;

  /**
   * @param port 0 takes a free one
   */
  public OpsServer(String bind, int port, PrometheusMeterRegistry meters, Runnable requireReady) {
    ServerBuilder builder = Server.builder().http(new InetSocketAddress(bind, port));
    OpsEndpoints.addTo(builder, meters, requireReady);
    this.server = builder.gracefulShutdownTimeoutMillis(0, 0).build();
  }

  @Override
  public void start() {
    server.start().join();
    log.info("Health and metrics on {}", server.activeLocalPort());
  }

  /** The port listened on; only after start. */
  public int port() {
    return server.activeLocalPort();
  }

  @Override
  public void close() {
    server.stop().join();
  }
}
