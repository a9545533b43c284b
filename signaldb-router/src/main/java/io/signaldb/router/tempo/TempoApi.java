package io.signaldb.router.tempo;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Context;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.http.HttpErrors;
import io.signaldb.common.http.TenantDecorator;
import io.signaldb.common.service.ProductVersion;
import io.signaldb.common.tenant.TenantContext;
import io.signaldb.router.query.Parameters;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * Tempo's HTTP API, under {@code /tempo} and at the root. Each request is authenticated, answered
 * by {@link TempoQueries} on a blocking thread, and written as JSON or protobuf; a client that
 * disconnects cancels its query. Safe for use by many threads.
 *
 * @see <a href="https://grafana.com/docs/tempo/latest/api_docs/">Tempo's API documentation</a>
 */
public final class TempoApi {
  private static final List<String> BASES = List.of("", "/tempo");

  /**
   * The Tempo whose clients get from us all they would use of it. Grafana searches over gRPC from
   * 2.2.0 on, and streams metrics from 2.7.0 on.
   */
  private static final String TEMPO_VERSION = "2.8.0";

  /** Says, where the answer's form has no place for it, why the answer may miss something. */
  private static final String INCOMPLETE_HEADER = "x-signaldb-incomplete";

  private final TenantDecorator authentication;
  private final TempoQueries queries;
  private final String buildInfo;
  private final String version;

  public TempoApi(Authenticator authenticator, TempoQueries queries) {
    this.authentication = TenantDecorator.ofHttp(authenticator);
    this.queries = queries;
    this.buildInfo =
        """
        {"version":"%s","application":"SignalDB","signaldbVersion":"%s"}"""
            .formatted(TEMPO_VERSION, ProductVersion.current());
    this.version =
        "tempo, version %s (SignalDB %s)%n".formatted(TEMPO_VERSION, ProductVersion.current());
  }

  /** Adds the routes to a server. */
  public void addTo(ServerBuilder server) {
    for (String base : BASES) {
      String api = base + "/api";
      server.service(api + "/echo", service(call -> HttpResponse.of("echo")));
      server.service(
          api + "/status/buildinfo",
          service(call -> HttpResponse.of(HttpStatus.OK, MediaType.JSON_UTF_8, buildInfo)));
      server.service(base + "/status/version", service(call -> text(version)));
      server.service(api + "/status/version", service(call -> text(version)));
      server.service(api + "/traces/{id}", service(this::traceV1));
      server.service(api + "/v2/traces/{id}", service(this::traceV2));
      server.service(api + "/search", service(this::search));
      server.service(api + "/metrics/query_range", service(this::queryRange));
      server.service(api + "/metrics/query", service(this::queryInstant));
      server.service(api + "/search/tags", service(this::tagsV1));
      server.service(api + "/v2/search/tags", service(this::tagsV2));
      // Regular expressions, because a tag may contain slashes.
      server.service(
          "regex:^" + api + "/search/tag/(?<tag>.+)/values$", service(this::tagValuesV1));
      server.service(
          "regex:^" + api + "/v2/search/tag/(?<tag>.+)/values$", service(this::tagValuesV2));
    }
  }

  private HttpResponse traceV1(Call call) {
    return queries
        .traceV1(call.tenant, call.path("id"), call.parameters())
        .map(call::respond)
        .orElseGet(() -> HttpResponse.of(ResponseHeaders.of(HttpStatus.NOT_FOUND)));
  }

  private HttpResponse traceV2(Call call) {
    return call.respond(queries.traceV2(call.tenant, call.path("id"), call.parameters()));
  }

  private HttpResponse search(Call call) {
    return call.respond(queries.search(call.tenant, call.parameters()));
  }

  private HttpResponse queryRange(Call call) {
    return call.respondJson(queries.queryRange(call.tenant, call.parameters()));
  }

  private HttpResponse queryInstant(Call call) {
    return call.respondJson(queries.queryInstant(call.tenant, call.parameters()));
  }

  private HttpResponse tagsV1(Call call) {
    return call.respond(queries.tagsV1(call.tenant, call.parameters()));
  }

  private HttpResponse tagsV2(Call call) {
    return call.respond(queries.tagsV2(call.tenant, call.parameters()));
  }

  private HttpResponse tagValuesV1(Call call) {
    return call.respond(queries.tagValuesV1(call.tenant, call.path("tag"), call.parameters()));
  }

  private HttpResponse tagValuesV2(Call call) {
    return call.respond(queries.tagValuesV2(call.tenant, call.path("tag"), call.parameters()));
  }

  /** Answers one kind of request; throws SignalDbException for what it cannot answer. */
  @FunctionalInterface
  private interface Endpoint {
    HttpResponse answer(Call call);
  }

  /** An authenticated request. */
  private record Call(ServiceRequestContext context, TenantContext tenant) {
    String path(String name) {
      return Objects.requireNonNull(context.pathParam(name), name);
    }

    Parameters parameters() {
      return new Parameters(context.queryParams());
    }

    HttpResponse respond(TempoQueries.Reply<?> reply) {
      return respond(reply, TempoFormat.of(context.request().headers()));
    }

    /** For answers that have no other form. */
    HttpResponse respondJson(TempoQueries.Reply<?> reply) {
      return respond(reply, TempoFormat.JSON);
    }

    private static HttpResponse respond(TempoQueries.Reply<?> reply, TempoFormat format) {
      ResponseHeadersBuilder response =
          ResponseHeaders.builder(HttpStatus.OK).contentType(format.mediaType());
      if (reply.incomplete() != null) {
        response.set(INCOMPLETE_HEADER, reply.incomplete().replaceAll("[^ -~]", "?"));
      }
      return HttpResponse.of(response.build(), format.write(reply.message()));
    }
  }

  private static HttpResponse text(String text) {
    return HttpResponse.of(HttpStatus.OK, MediaType.PLAIN_TEXT_UTF_8, HttpData.ofUtf8(text));
  }

  private HttpService service(Endpoint endpoint) {
    HttpService answers =
        (context, request) ->
            HttpResponse.of(
                CompletableFuture.supplyAsync(
                    () -> answer(context, endpoint), context.blockingTaskExecutor()));
    return answers.decorate(authentication).decorate(TempoApi::refuseOtherMethods);
  }

  private static HttpResponse refuseOtherMethods(
      HttpService next, ServiceRequestContext context, HttpRequest request) throws Exception {
    if (request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD) {
      return next.serve(context, request);
    }
    return HttpResponse.of(
        ResponseHeaders.builder(HttpStatus.METHOD_NOT_ALLOWED)
            .set(HttpHeaderNames.ALLOW, "GET, HEAD")
            .contentType(MediaType.PLAIN_TEXT_UTF_8)
            .build(),
        HttpData.ofUtf8("%s %s: expected GET or HEAD%n", request.method(), context.path()));
  }

  /** Runs on a blocking thread, in a gRPC context that ends when the client goes away. */
  private static HttpResponse answer(ServiceRequestContext context, Endpoint endpoint) {
    Context.CancellableContext query = Context.ROOT.withCancellation();
    var unused = context.whenRequestCancelling().thenAccept(query::cancel);
    try {
      return query.call(() -> endpoint.answer(new Call(context, TenantDecorator.tenant(context))));
    } catch (Exception e) {
      return HttpErrors.respond(e);
    } finally {
      query.cancel(null);
    }
  }
}
