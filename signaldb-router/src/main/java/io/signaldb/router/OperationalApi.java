package io.signaldb.router;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.signaldb.common.discovery.Capability;
import io.signaldb.common.discovery.ServiceRegistry;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.http.HttpErrors;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What orchestrators and Prometheus ask, without authentication: {@code /health} (the process
 * answers), {@code /ready} (it can answer queries), {@code /metrics}. Safe for use by many threads.
 */
final class OperationalApi {
  private static final MediaType PROMETHEUS =
      MediaType.parse("text/plain; version=0.0.4; charset=utf-8");

  private final ServiceRegistry registry;
  private final MeterRegistry meters;

  OperationalApi(ServiceRegistry registry, MeterRegistry meters) {
    this.registry = registry;
    this.meters = meters;
  }

  void addTo(ServerBuilder server) {
    server.service("/health", (context, request) -> HttpResponse.of("ok\n"));
    server.service("/ready", (context, request) -> blocking(context, this::ready));
    server.service("/metrics", (context, request) -> blocking(context, this::metrics));
  }

  private static HttpResponse blocking(
      ServiceRequestContext context, Supplier<HttpResponse> answer) {
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return answer.get();
              } catch (SignalDbException e) {
                return HttpErrors.respond(e);
              }
            },
            context.blockingTaskExecutor()));
  }

  private HttpResponse ready() {
    if (registry.liveNow(Capability.QUERY_EXECUTION).isEmpty()) {
      throw new SignalDbException(ErrorCode.UNAVAILABLE, "Not ready: no Querier is running");
    }
    return HttpResponse.of("ready\n");
  }

  private HttpResponse metrics() {
    if (meters instanceof PrometheusMeterRegistry prometheus) {
      return HttpResponse.of(HttpStatus.OK, PROMETHEUS, prometheus.scrape());
    }
    throw new SignalDbException(
        ErrorCode.UNIMPLEMENTED, "The meters of this process are not kept for Prometheus");
  }
}
