package io.signaldb.common.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.RetryInfo;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.client.grpc.GrpcClients;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.catalog.ServiceCatalog;
import io.signaldb.common.catalog.TestDatabases;
import io.signaldb.common.config.ConfigLoader;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.telemetry.Meters;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HttpTest {
  private static final AtomicBoolean ready = new AtomicBoolean();
  private static final PrometheusMeterRegistry meters = Meters.create();
  private static Server server;
  private static WebClient client;

  @BeforeAll
  static void start(@TempDir Path directory) {
    Map<String, String> settings =
        Map.of(
            "auth.enabled",
            "true",
            "auth.tenants",
            "[{id='acme', slug='acme', name='Acme', datasets=[{id='main', slug='m'}],"
                + " api_keys=[{key='sk-acme'}]}]");
    ServiceCatalog catalog = new ServiceCatalog(TestDatabases.sqlite(directory), 1);
    catalog.start();
    Authenticator authenticator =
        new Authenticator(
            new ConfigLoader(Map.of(), Map.of()).load(null, settings).config().auth(),
            catalog,
            Clock.systemUTC());
    ServerBuilder builder =
        Server.builder()
            .errorHandler(HttpErrors.handler())
            .maxRequestLength(100)
            .decorator("/tenant", TenantDecorator.ofHttp(authenticator))
            .service(
                "/tenant",
                (context, request) -> HttpResponse.of(TenantDecorator.tenant(context).toString()))
            .service(
                "/fail/{code}",
                (context, request) -> {
                  throw SignalDbException.retryLater(
                      ErrorCode.valueOf(context.pathParam("code")),
                      "what was expected",
                      Duration.ofMillis(1200));
                })
            .service(
                "/bug",
                (context, request) -> {
                  throw new IllegalStateException("a detail of ours");
                })
            .service(
                "/large",
                (context, request) ->
                    HttpResponse.of(
                        request.aggregate().thenApply(r -> HttpResponse.of(HttpStatus.OK))))
            .service(
                "/grpc.health.v1.Health/Check",
                (context, request) ->
                    GrpcErrors.respond(
                        SignalDbException.retryLater(
                            ErrorCode.RESOURCE_EXHAUSTED,
                            "50% zu viel: ä",
                            Duration.ofSeconds(3))));
    OpsEndpoints.addTo(builder, meters, HttpTest::requireReady);
    server = builder.gracefulShutdownTimeoutMillis(0, 0).build();
    server.start().join();
    client = WebClient.of("http://127.0.0.1:" + server.activeLocalPort());
  }

  private static void requireReady() {
    if (!ready.get()) {
      throw new SignalDbException(ErrorCode.UNAVAILABLE, "the service is starting");
    }
  }

  @AfterAll
  static void close() {
    server.stop().join();
    meters.close();
  }

  @Test
  void tellsTheServiceWhoseRequestItIs() {
    AggregatedHttpResponse response =
        get("authorization", "Bearer sk-acme", "x-tenant-id", "acme", "x-dataset-id", "main");
    assertThat(response.contentUtf8())
        .isEqualTo("TenantContext[tenantId=acme, datasetId=main, tenantSlug=acme, datasetSlug=m]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "acme  | main | 200 |",
        "other | main | 403 | API key does not belong to tenant 'other'",
        "acme  | prod | 403 | Tenant 'acme' has no dataset 'prod'",
        "acme  |      | 400 | X-Dataset-ID header required",
        "../x  | main | 400 | Invalid tenant id '../x'",
      })
  void acceptsTempoClientsTenantHeaderAndChecksIt(
      String tenant, String dataset, int status, String message) {
    AggregatedHttpResponse response =
        dataset == null
            ? get("authorization", "Bearer sk-acme", "x-scope-orgid", tenant)
            : get(
                "authorization",
                "Bearer sk-acme",
                "x-scope-orgid",
                tenant,
                "x-dataset-id",
                dataset);
    assertThat(response.status().code()).isEqualTo(status);
    assertThat(response.contentUtf8()).contains(message == null ? "" : message);
  }

  @Test
  void answersRequestsWithoutCredentialsWith401() {
    assertThat(get().status()).isEqualTo(HttpStatus.UNAUTHORIZED);
    assertThat(get("authorization", "Bearer nobody").status()).isEqualTo(HttpStatus.UNAUTHORIZED);
    assertThat(get("authorization", "Basic eA==").status()).isEqualTo(HttpStatus.BAD_REQUEST);
  }

  @Test
  void answersGrpcWithStatusMessageAndWhenToComeBack() throws Exception {
    HealthGrpc.HealthBlockingStub stub =
        GrpcClients.newClient(
            "gproto+http://127.0.0.1:" + server.activeLocalPort(),
            HealthGrpc.HealthBlockingStub.class);
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> stub.check(HealthCheckRequest.getDefaultInstance()));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(failure.getStatus().getDescription()).isEqualTo("50% zu viel: ä");
    RetryInfo hint = StatusProto.fromThrowable(failure).getDetails(0).unpack(RetryInfo.class);
    assertThat(hint.getRetryDelay().getSeconds()).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource
  void everyCodeHasItsStatusAndSaysWhenToComeBack(ErrorCode code) {
    AggregatedHttpResponse response = client.get("/fail/" + code).aggregate().join();
    assertThat(response.status().code()).isEqualTo(code.httpStatus());
    assertThat(response.contentUtf8()).isEqualTo("what was expected\n");
    assertThat(response.headers().get("retry-after")).isEqualTo("2");
    assertThat(response.contentType().toString()).isEqualTo("text/plain; charset=utf-8");
  }

  @Test
  void aFaultOfOursShowsOnlyItsId() {
    AggregatedHttpResponse response = client.get("/bug").aggregate().join();
    assertThat(response.status().code()).isEqualTo(500);
    assertThat(response.contentUtf8())
        .matches("Internal error [0-9a-f]{8}; the server's log has details\n");
  }

  @Test
  void armeriasOwnErrorsKeepTheirStatus() {
    assertThat(client.get("/nothing").aggregate().join().status().code()).isEqualTo(404);
    assertThat(client.post("/large", "x".repeat(200)).aggregate().join().status().code())
        .isEqualTo(413);
  }

  @Test
  void operatorsSeeHealthReadinessAndMetrics() {
    assertThat(client.get("/health").aggregate().join().contentUtf8()).isEqualTo("ok");
    assertThat(client.get("/ready").aggregate().join().status().code()).isEqualTo(503);
    ready.set(true);
    assertThat(client.get("/ready").aggregate().join().status().code()).isEqualTo(200);
    meters.counter("requests").increment(3);
    AggregatedHttpResponse metrics = client.get("/metrics").aggregate().join();
    assertThat(metrics.contentType().toString())
        .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(metrics.contentUtf8()).contains("requests_total 3.0").contains("jvm_memory_used");
  }

  private static AggregatedHttpResponse get(String... headers) {
    var builder = RequestHeaders.builder(HttpMethod.GET, "/tenant");
    for (int i = 0; i < headers.length; i += 2) {
      builder.add(headers[i], headers[i + 1]);
    }
    return client.execute(builder.build()).aggregate().join();
  }
}
