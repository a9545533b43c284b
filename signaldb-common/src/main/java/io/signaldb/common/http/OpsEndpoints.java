package io.signaldb.common.http;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.CompletableFuture;

/** What operators ask every process: {@code /health}, {@code /ready} and {@code /metrics}. */
public final class OpsEndpoints {
  private OpsEndpoints() {}

  /**
   * Adds the three, without authentication.
   *
   * @param requireReady throws SignalDbException, which /ready answers with, while the process
   *     cannot do its work; may block
   */
  public static void addTo(
      ServerBuilder server, PrometheusMeterRegistry meters, Runnable requireReady) {
    server
        .service("/health", (context, request) -> text(HttpStatus.OK, "ok"))
        .service(
            "/ready",
            (context, request) ->
                HttpResponse.of(
                    CompletableFuture.supplyAsync(
                        () -> readiness(requireReady), context.blockingTaskExecutor())))
        .service(
            "/metrics",
            (context, request) -> {
              String accept = request.headers().get("accept", "");
              MediaType type =
                  accept.contains("application/openmetrics-text")
                      ? MediaType.parse(
                          "application/openmetrics-text; version=1.0.0; charset=utf-8")
                      : MediaType.parse("text/plain; version=0.0.4; charset=utf-8");
              return HttpResponse.of(HttpStatus.OK, type, meters.scrape(type.toString()));
            });
  }

  private static HttpResponse readiness(Runnable requireReady) {
    try {
      requireReady.run();
      return text(HttpStatus.OK, "ready");
    } catch (RuntimeException e) {
      return HttpErrors.respond(e);
    }
  }

  private static HttpResponse text(HttpStatus status, String body) {
    return HttpResponse.of(status, MediaType.PLAIN_TEXT_UTF_8, body);
  }
}
