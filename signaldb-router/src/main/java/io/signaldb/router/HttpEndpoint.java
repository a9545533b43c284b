package io.signaldb.router;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.metric.MeterIdPrefixFunction;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.metric.MetricCollectingService;
import io.micrometer.core.instrument.MeterRegistry;
import io.signaldb.common.config.RouterConfig;
import io.signaldb.common.http.HttpErrors;
import io.signaldb.common.lifecycle.Component;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/** The Router's HTTP port. One thread starts and closes it. */
final class HttpEndpoint implements Component {
  /**
   * Longer than a query may take, so that a late query is told as such by the query's own error.
   */
  private static final Duration REQUEST_GRACE = Duration.ofSeconds(5);

  private static final Duration QUIET_PERIOD = Duration.ofMillis(100);
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(10);

  private final Server server;

  /** A TraceQL query of the greatest length, percent-encoded. */
  private static final int MAX_TARGET_BYTES = 512 << 10;

  /**
   * @param services adds what the port serves
   */
  HttpEndpoint(RouterConfig config, Consumer<ServerBuilder> services, MeterRegistry meters) {
    ServerBuilder builder =
        Server.builder()
            .http(new InetSocketAddress(config.bind(), config.httpPort()))
            .requestTimeout(config.queryTimeout().plus(REQUEST_GRACE))
            .http1MaxInitialLineLength(MAX_TARGET_BYTES)
            .http2MaxHeaderListSize(MAX_TARGET_BYTES)
            .gracefulShutdownTimeout(QUIET_PERIOD, DRAIN_TIMEOUT)
            .errorHandler(HttpErrors.handler())
            .meterRegistry(meters)
            .decorator(
                MetricCollectingService.newDecorator(
                    MeterIdPrefixFunction.ofDefault("signaldb.router.http")));
    services.accept(builder);
    builder.serviceUnder(
        "/",
        (context, request) ->
            HttpResponse.of(
                HttpStatus.NOT_FOUND,
                MediaType.PLAIN_TEXT_UTF_8,
                "No such path: %s; the Tempo API is under /tempo/api%n",
                context.path()));
    this.server = builder.build();
  }

  @Override
  public void start() {
    server.start().join();
  }

  @Override
  public void close() {
    server.stop().join();
  }

  /** The port listened on; only after start. */
  int port() {
    return server.activeLocalPort();
  }
}
