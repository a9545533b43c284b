package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.opentelemetry.proto.trace.v1.Span;
import io.signaldb.acceptor.prometheus.proto.Sample;
import io.signaldb.acceptor.prometheus.proto.WriteRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With keys required, a tenant can neither see nor touch what is another's. */
class TenantIsolationIT {

  @TempDir static Path directory;
  private static SignalDbProcess server;

  @BeforeAll
  static void start() throws Exception {
    Files.writeString(directory.resolve("signaldb.toml"), TwoTenants.CONFIG);
    server = SignalDbProcess.start(directory, Map.of());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void showsATraceToItsTenantAndDatasetOnly() {
    Span.Builder span = Spans.span("secret").addAttributes(Spans.text("secret", "s1"));
    send(TwoTenants.ACME, span);
    String traceId = Spans.hex(span.getTraceId());

    assertThat(new Tempo(server, TwoTenants.ACME).spanIds(traceId)).hasSize(1);
    for (Map<String, String> other : List.of(TwoTenants.GLOBEX, TwoTenants.ACME_ARCHIVE)) {
      Tempo tempo = new Tempo(server, other);
      assertThat(tempo.spanIds(traceId)).isEmpty();
      assertThat(tempo.traceIds("{ span.secret = \"s1\" }")).isEmpty();
      assertThat(tempo.get("/search/tags").body()).doesNotContain("secret");
    }
  }

  @Test
  void keepsTracesOfTheSameIdApart() {
    Span.Builder acme = Spans.span("of acme");
    Span.Builder globex = Spans.span("of globex").setTraceId(acme.getTraceId());
    send(TwoTenants.ACME, acme);
    send(TwoTenants.GLOBEX, globex);
    String traceId = Spans.hex(acme.getTraceId());

    assertThat(new Tempo(server, TwoTenants.ACME).spans(traceId).toString())
        .contains("of acme")
        .doesNotContain("of globex");
    assertThat(new Tempo(server, TwoTenants.GLOBEX).spans(traceId).toString())
        .contains("of globex")
        .doesNotContain("of acme");
  }

  @Test
  void keepsFilesOfTenantsAndDatasetsApart() throws Exception {
    send(TwoTenants.ACME, Spans.span("x"));
    send(TwoTenants.ACME_ARCHIVE, Spans.span("x"));
    send(TwoTenants.GLOBEX, Spans.span("x"));

    server.stop();
    server.start();

    for (String dataset : List.of("acme/prod", "acme/archive", "globex/prod")) {
      Path data = server.dataDir().resolve("storage").resolve(dataset).resolve("traces/data");
      assertThat(ParquetFiles.below(data)).as(dataset).isNotEmpty();
    }
  }

  @Test
  void refusesMissingAndUnknownKeys() {
    for (Map<String, String> headers :
        List.of(Map.<String, String>of(), Map.of("authorization", "Bearer sk-nobody"))) {
      assertThat(new Tempo(server, headers).get("/search").status()).isEqualTo(401);
      assertThat(code(headers)).isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  void refusesOtherSchemesThanBearer() {
    Map<String, String> basic = Map.of("authorization", "Basic c2stYWNtZQ==");

    Http.Reply reply = new Tempo(server, basic).get("/search");
    assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
    assertThat(reply.body()).contains("Bearer").doesNotContain("c2stYWNtZQ==");
    assertThat(code(basic)).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void refusesTheKeyOfAnotherTenant() {
    Map<String, String> crossed =
        Map.of("authorization", "Bearer sk-globex", "x-tenant-id", "acme");

    assertThat(new Tempo(server, crossed).get("/search").status()).isEqualTo(403);
    assertThat(code(crossed)).isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void refusesNamesThatAreNoDatasetsOfTheTenant() {
    for (String dataset : List.of("nope", "../x", "..", "a/b")) {
      Map<String, String> headers =
          Map.of("authorization", "Bearer sk-globex", "x-dataset-id", dataset);
      Http.Reply reply = new Tempo(server, headers).get("/search");
      assertThat(reply.status()).as(dataset + ": " + reply).isIn(400, 403, 404);
    }
    assertThat(Files.exists(server.dataDir().resolve("wal/x"))).isFalse();
  }

  @Test
  void showsLogsAndMetricsToTheirTenantAndDatasetOnly() throws Exception {
    try (OtlpGrpc otlp = new OtlpGrpc(server, TwoTenants.ACME)) {
      otlp.send(LogsAndMetrics.logs("isolation", LogsAndMetrics.log("secret log")));
      otlp.send(LogsAndMetrics.metrics("isolation", LogsAndMetrics.gauge("secret.gauge", 1)));
    }
    Http.Reply written =
        RemoteWrite.send(server, TwoTenants.ACME, RemoteWrite.V1, series("secret_series"));
    assertThat(written.status()).as(written.toString()).isEqualTo(204);
    String logs = "SELECT count(*) FROM logs WHERE body = 'secret log'";
    String gauges = "SELECT count(*) FROM metrics_gauge WHERE metric_name LIKE 'secret%'";

    Sql acme = new Sql(server, Map.of("token", "sk-acme"));
    assertThat(acme.number(logs)).isEqualTo(1);
    assertThat(acme.number(gauges)).isEqualTo(2);
    for (Map<String, String> other :
        List.of(
            Map.of("token", "sk-globex"), Map.of("token", "sk-acme", "x-dataset-id", "archive"))) {
      Sql sql = new Sql(server, other);
      assertThat(sql.number(logs)).isZero();
      assertThat(sql.number(gauges)).isZero();
    }
    Sql globex = new Sql(server, Map.of("token", "sk-globex"));
    for (String table : List.of("logs", "metrics_gauge")) {
      assertThatThrownBy(() -> globex.number("SELECT count(*) FROM acme.prod." + table))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("acme")
          .hasMessageNotContaining("secret");
    }
  }

  @Test
  void storesNoLogsAndMetricsWithTheKeyOfAnotherTenant() throws Exception {
    Map<String, String> crossed =
        Map.of("authorization", "Bearer sk-globex", "x-tenant-id", "acme");

    try (OtlpGrpc otlp = new OtlpGrpc(server, crossed)) {
      assertThat(
              code(
                  () ->
                      otlp.send(LogsAndMetrics.logs("isolation", LogsAndMetrics.log("intruder")))))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(
              code(
                  () ->
                      otlp.send(
                          LogsAndMetrics.metrics(
                              "isolation", LogsAndMetrics.gauge("intruder", 1)))))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
    }
    Http.Reply written = RemoteWrite.send(server, crossed, RemoteWrite.V1, series("intruder"));
    assertThat(written.status()).as(written.toString()).isEqualTo(403);

    for (String key : List.of("sk-acme", "sk-globex")) {
      Sql sql = new Sql(server, Map.of("token", key));
      assertThat(sql.number("SELECT count(*) FROM logs WHERE body = 'intruder'")).isZero();
      assertThat(sql.number("SELECT count(*) FROM metrics_gauge WHERE metric_name = 'intruder'"))
          .isZero();
    }
  }

  @Test
  void saysHealthWithoutAKey() {
    assertThat(Http.get(server.router().resolve("/health"), Map.of()).status()).isEqualTo(200);
    assertThat(Http.get(server.otlpHttp().resolve("/health"), Map.of()).status()).isEqualTo(200);
  }

  private static void send(Map<String, String> headers, Span.Builder span) {
    try (OtlpGrpc otlp = new OtlpGrpc(server, headers)) {
      otlp.send(Spans.request("isolation", span));
    }
  }

  private static Status.Code code(Map<String, String> headers) {
    try (OtlpGrpc otlp = new OtlpGrpc(server, headers)) {
      return code(() -> otlp.send(Spans.request("isolation", Spans.span("x"))));
    }
  }

  private static Status.Code code(ThrowingCallable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call).getStatus().getCode();
  }

  private static WriteRequest series(String name) {
    return WriteRequest.newBuilder()
        .addTimeseries(
            WriteRequest.TimeSeries.newBuilder()
                .addLabels(RemoteWrite.label("__name__", name))
                .addSamples(
                    Sample.newBuilder().setValue(1).setTimestamp(System.currentTimeMillis())))
        .build();
  }
}
