package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.signaldb.producer.ProducerMain;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spans sent in every way OTLP has are found by id and by search. */
class IngestIT {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final String PROTOBUF = "application/x-protobuf";

  @TempDir static Path directory;
  private static SignalDbProcess server;
  private static Tempo tempo;

  @BeforeAll
  static void start() throws Exception {
    server = SignalDbProcess.start(directory, Map.of());
    tempo = new Tempo(server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "gzip"})
  void takesGrpc(String encoding) {
    Span.Builder span = Spans.span("over grpc");
    ExportTraceServiceRequest request = Spans.request("grpc-" + encoding, span);
    try (OtlpGrpc otlp = new OtlpGrpc(server)) {
      var response = encoding.equals("gzip") ? otlp.sendGzipped(request) : otlp.send(request);
      assertThat(response.hasPartialSuccess()).isFalse();
    }
    assertFound(span, "grpc-" + encoding);
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "gzip"})
  void takesProtobufOverHttp(String encoding) {
    Span.Builder span = Spans.span("over http");
    byte[] body = Spans.request("http-" + encoding, span).toByteArray();
    Http.Reply reply =
        encoding.equals("gzip")
            ? Http.post(
                traces(),
                Http.gzip(body),
                Map.of("content-type", PROTOBUF, "content-encoding", "gzip"))
            : Http.post(traces(), body, Map.of("content-type", PROTOBUF));
    assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    assertThat(reply.contentType()).startsWith(PROTOBUF);
    assertFound(span, "http-" + encoding);
  }

  @Test
  void takesJsonOverHttp() {
    Span.Builder span = Spans.span("over json");
    String body =
        """
        {"resourceSpans":[{
          "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"json"}}]},
          "scopeSpans":[{"scope":{"name":"curl"},"spans":[{
            "traceId":"%s","spanId":"%s","name":"over json","kind":2,
            "startTimeUnixNano":"%d","endTimeUnixNano":"%d",
            "attributes":[{"key":"answer","value":{"intValue":"42"}}],
            "notAField":[1,2],
            "status":{"code":2,"message":"no"}}]}]}]}
        """
            .formatted(
                Spans.hex(span.getTraceId()),
                Spans.hex(span.getSpanId()),
                span.getStartTimeUnixNano(),
                span.getEndTimeUnixNano());
    Http.Reply reply =
        Http.post(
            traces(),
            body.getBytes(StandardCharsets.UTF_8),
            Map.of("content-type", "application/json"));

    assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    assertThat(reply.contentType()).startsWith("application/json");
    assertFound(span, "json");
    assertThat(tempo.traceIds("{ span.answer = 42 && status = error && kind = server }"))
        .containsExactly(Spans.hex(span.getTraceId()));
  }

  @Test
  void givesBackEveryFieldOfASpan() {
    Span.Builder root = Spans.span("root");
    Span.Builder child =
        Spans.span("child")
            .setTraceId(root.getTraceId())
            .setParentSpanId(root.getSpanId())
            .setTraceState("vendor=1")
            .setFlags(0x101)
            .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
            .addAttributes(Spans.text("text", "grün"))
            .addAttributes(Spans.number("http.response.status_code", 503))
            .setDroppedAttributesCount(3)
            .addEvents(
                Span.Event.newBuilder()
                    .setName("exception")
                    .setTimeUnixNano(root.getStartTimeUnixNano() + 17)
                    .addAttributes(Spans.text("exception.type", "Oops")))
            .setDroppedEventsCount(4)
            .addLinks(
                Span.Link.newBuilder()
                    .setTraceId(Spans.randomBytes(16))
                    .setSpanId(Spans.randomBytes(8))
                    .setTraceState("other=2")
                    .addAttributes(Spans.number("n", 1)))
            .setDroppedLinksCount(5)
            .setStatus(
                Status.newBuilder()
                    .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                    .setMessage("bad gateway"));
    try (OtlpGrpc otlp = new OtlpGrpc(server)) {
      otlp.send(Spans.request("fields", root, child));
    }

    List<JsonNode> spans = tempo.spans(Spans.hex(root.getTraceId()));
    assertThat(spans).hasSize(2);
    JsonNode found =
        spans.stream()
            .filter(span -> span.path("name").asText().equals("child"))
            .findFirst()
            .orElseThrow();
    assertThat(found.path("parentSpanId").asText()).isEqualTo(base64(root.getSpanId()));
    assertThat(found.path("traceState").asText()).isEqualTo("vendor=1");
    assertThat(found.path("flags").asInt()).isEqualTo(0x101);
    assertThat(found.path("kind").asText()).isEqualTo("SPAN_KIND_CLIENT");
    assertThat(found.path("startTimeUnixNano").asText())
        .isEqualTo("" + child.getStartTimeUnixNano());
    assertThat(found.path("endTimeUnixNano").asText()).isEqualTo("" + child.getEndTimeUnixNano());
    assertThat(found.path("attributes"))
        .anySatisfy(a -> assertThat(a.toString()).contains("\"text\"", "grün"))
        .anySatisfy(a -> assertThat(a.toString()).contains("http.response.status_code", "\"503\""));
    assertThat(found.path("droppedAttributesCount").asInt()).isEqualTo(3);
    assertThat(found.path("droppedEventsCount").asInt()).isEqualTo(4);
    assertThat(found.path("droppedLinksCount").asInt()).isEqualTo(5);
    JsonNode event = found.path("events").path(0);
    assertThat(event.path("timeUnixNano").asText())
        .isEqualTo("" + (root.getStartTimeUnixNano() + 17));
    assertThat(event.path("attributes").toString()).contains("exception.type", "Oops");
    JsonNode link = found.path("links").path(0);
    assertThat(link.path("traceId").asText()).isEqualTo(base64(child.getLinks(0).getTraceId()));
    assertThat(link.path("traceState").asText()).isEqualTo("other=2");
    assertThat(found.path("status").path("code").asText()).isEqualTo("STATUS_CODE_ERROR");
    assertThat(found.path("status").path("message").asText()).isEqualTo("bad gateway");
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http"})
  void takesWhatTheOpenTelemetrySdkSends(String protocol) {
    String endpoint =
        protocol.equals("grpc") ? "http://127.0.0.1:" + server.grpcPort() : "" + server.otlpHttp();
    String query = "{ resource.service.name = \"frontend\" && kind = server }";
    int before = tempo.traceIds(query).size();
    // Without the warehouse every trace begins in the frontend.
    int status =
        ProducerMain.run(
            "--protocol",
            protocol,
            "--endpoint",
            endpoint,
            "--traces",
            "200",
            "--rate",
            "0",
            "--compression",
            "gzip",
            "--services",
            "11");

    assertThat(status).isZero();
    assertThat(tempo.traceIds(query)).hasSize(before + 200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http"})
  void takesWhatTelemetrygenSends(String protocol) throws Exception {
    Optional<Path> telemetrygen = Programs.onPath("telemetrygen");
    assumeTrue(
        telemetrygen.isPresent(),
        "skipped: no telemetrygen on the PATH (go install"
            + " github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@latest)");
    boolean grpc = protocol.equals("grpc");
    List<String> command =
        Stream.of(
                telemetrygen.get().toString(),
                "traces",
                "--otlp-insecure",
                grpc ? null : "--otlp-http",
                "--otlp-endpoint",
                "127.0.0.1:" + (grpc ? server.grpcPort() : server.otlpHttp().getPort()),
                "--traces",
                "25",
                "--rate", // not throttled
                "0",
                "--service",
                "telemetrygen-" + protocol)
            .filter(argument -> argument != null)
            .toList();
    Path log = directory.resolve("telemetrygen-" + protocol + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();

    String query = "{ resource.service.name = \"telemetrygen-" + protocol + "\" }";
    Await.untilPasses(SOON, () -> assertThat(tempo.traceIds(query)).hasSize(25));
    assertThat(tempo.spanIds(tempo.traceIds(query).get(0))).hasSize(2);
  }

  private static void assertFound(Span.Builder span, String service) {
    String traceId = Spans.hex(span.getTraceId());
    Await.untilPasses(
        SOON,
        () -> assertThat(tempo.spanIds(traceId)).containsExactly(Spans.hex(span.getSpanId())));
    Await.untilPasses(
        SOON,
        () ->
            assertThat(tempo.traceIds("{ resource.service.name = \"" + service + "\" }"))
                .containsExactly(traceId));
  }

  private static URI traces() {
    return server.otlpHttp().resolve("/v1/traces");
  }

  private static String base64(ByteString bytes) {
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
