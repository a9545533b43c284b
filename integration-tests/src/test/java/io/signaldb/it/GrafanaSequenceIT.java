package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.signaldb.router.tempo.proto.QueryRangeResponse;
import io.signaldb.router.tempo.proto.SearchRequest;
import io.signaldb.router.tempo.proto.SearchResponse;
import io.signaldb.router.tempo.proto.SearchTagValuesRequest;
import io.signaldb.router.tempo.proto.SearchTagValuesV2Response;
import io.signaldb.router.tempo.proto.SearchTagsRequest;
import io.signaldb.router.tempo.proto.SearchTagsV2Response;
import io.signaldb.router.tempo.proto.SearchTagsV2Scope;
import io.signaldb.router.tempo.proto.StreamingQuerierGrpc;
import io.signaldb.router.tempo.proto.TagValue;
import io.signaldb.router.tempo.proto.TraceByIdResponse;
import io.signaldb.router.tempo.proto.TraceSearchMetadata;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What Grafana's Tempo data source asks, in its order, with its headers, over HTTP and gRPC. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrafanaSequenceIT {
  /** As the data source's proxy sends them; X-Scope-OrgID if it is configured as tenant. */
  private static final Map<String, String> BROWSER =
      Map.of(
          "accept", "application/json, text/plain, */*",
          "user-agent", "Grafana/12.1.0",
          "x-grafana-org-id", "1",
          "x-datasource-uid", "signaldb",
          "x-query-group-id", "7bd2a3ac-1c2f-4dd1-a0a5-9dd5c5ed7a5b",
          "x-scope-orgid", "default");

  private static final Map<String, String> BACKEND =
      Map.of(
          "accept", "application/protobuf",
          "user-agent", "Grafana/12.1.0",
          "x-scope-orgid", "default");

  private final HttpClient http = HttpClient.newHttpClient();
  private SignalDbProcess server;
  private ManagedChannel channel;
  private StreamingQuerierGrpc.StreamingQuerierBlockingStub grpc;
  private Span root;
  private Span child;
  private long start;
  private long end;

  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    server = SignalDbProcess.start(directory, Map.of("SIGNALDB_WRITER_COMMIT_MAX_AGE", "1s"));
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.router().getPort())
            .usePlaintext()
            .build();
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-scope-orgid", Metadata.ASCII_STRING_MARSHALLER), "default");
    grpc =
        StreamingQuerierGrpc.newBlockingStub(channel)
            .withDeadlineAfter(60, TimeUnit.SECONDS)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    long now = Instant.now().getEpochSecond();
    start = now - 3600;
    end = now + 1;
    root =
        Spans.span("GET /cart")
            .setKind(Span.SpanKind.SPAN_KIND_SERVER)
            .addAttributes(Spans.text("http.method", "GET"))
            .addAttributes(Spans.number("http.status_code", 500))
            .setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR))
            .addEvents(
                Span.Event.newBuilder()
                    .setName("exception")
                    .setTimeUnixNano(Spans.nanos(Instant.now()))
                    .addAttributes(Spans.text("exception.type", "Boom")))
            .addLinks(
                Span.Link.newBuilder()
                    .setTraceId(Spans.randomBytes(16))
                    .setSpanId(Spans.randomBytes(8))
                    .addAttributes(Spans.text("why", "retry")))
            .build();
    child =
        Spans.span("SELECT")
            .setTraceId(root.getTraceId())
            .setParentSpanId(root.getSpanId())
            .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
            .setStatus(Status.getDefaultInstance())
            .build();
    try (OtlpGrpc otlp = new OtlpGrpc(server)) {
      otlp.send(
          ExportTraceServiceRequest.newBuilder()
              .addResourceSpans(
                  ResourceSpans.newBuilder()
                      .setResource(
                          Resource.newBuilder().addAttributes(Spans.text("service.name", "shop")))
                      .addScopeSpans(
                          ScopeSpans.newBuilder()
                              .setScope(
                                  InstrumentationScope.newBuilder()
                                      .setName("io.shop")
                                      .addAttributes(Spans.text("generated", "yes")))
                              .addSpans(root)
                              .addSpans(child)))
              .build());
    }
  }

  @AfterAll
  void close() {
    channel.shutdownNow();
    server.close();
  }

  private URI url(String path) {
    return server.router().resolve("/tempo" + path);
  }

  private String range() {
    return "start=" + start + "&end=" + end;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private JsonNode json(String path) {
    Http.Reply reply = Http.get(url(path), BROWSER);
    assertThat(reply.status()).as(path + " " + reply).isEqualTo(200);
    assertThat(reply.contentType()).startsWith("application/json");
    return reply.json();
  }

  /** As strictly as Grafana: a field that Tempo does not have is an error. */
  private <B extends Message.Builder> B strict(String path, B message) {
    try {
      JsonFormat.parser().merge(json(path).toString(), message);
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(path, e);
    }
  }

  private static <M> List<M> all(Iterator<M> messages) {
    List<M> all = new ArrayList<>();
    messages.forEachRemaining(all::add);
    return all;
  }

  @Test
  void savesAndTests() {
    Http.Reply echo = Http.get(url("/api/echo"), BROWSER);
    assertThat(echo.status()).isEqualTo(200);
    assertThat(echo.body()).isEqualTo("echo");

    String version = json("/api/status/buildinfo").path("version").asText();
    // From 2.7 on Grafana streams searches and metrics.
    assertThat(version).matches("2\\.([7-9]|[1-9][0-9])\\.[0-9]+");
  }

  @Test
  void savesAndTestsWithStreaming() {
    List<SearchResponse> answer =
        all(grpc.search(SearchRequest.newBuilder().setQuery("{}").setLimit(1).build()));

    assertThat(answer).isNotEmpty();
    assertThat(answer.get(answer.size() - 1).hasMetrics()).isTrue();
  }

  @Test
  void completesTags() {
    SearchTagsV2Response.Builder tags =
        strict("/api/v2/search/tags?limit=5000&" + range(), SearchTagsV2Response.newBuilder());
    assertTags(tags.getScopesList());

    assertTags(
        all(grpc.searchTagsV2(SearchTagsRequest.newBuilder().setMaxTagsPerScope(5000).build()))
            .get(0)
            .getScopesList());
    assertThat(json("/api/search/tags").path("tagNames").toString())
        .contains("http.method")
        .doesNotContain("rootName");
  }

  private static void assertTags(List<SearchTagsV2Scope> scopes) {
    assertThat(scopes)
        .extracting(SearchTagsV2Scope::getName)
        .contains("resource", "span", "event", "link", "instrumentation", "intrinsic");
    scopes.forEach(
        scope -> {
          switch (scope.getName()) {
            case "resource" -> assertThat(scope.getTagsList()).containsExactly("service.name");
            case "span" ->
                assertThat(scope.getTagsList()).containsExactly("http.method", "http.status_code");
            case "event" -> assertThat(scope.getTagsList()).containsExactly("exception.type");
            case "link" -> assertThat(scope.getTagsList()).containsExactly("why");
            case "instrumentation" -> assertThat(scope.getTagsList()).containsExactly("generated");
            default -> assertThat(scope.getTagsList()).hasSize(24).contains("status");
          }
        });
  }

  @Test
  void completesValues() {
    String path = "/api/v2/search/tag/%s/values?limit=5000&" + range() + "&q=%s";
    assertThat(values(path.formatted("resource.service.name", encoded("{}"))))
        .containsExactly("string shop");
    assertThat(
            values(path.formatted("span.http.status_code", encoded("{ name = \"GET /cart\" && "))))
        .containsExactly("int 500");
    assertThat(
            values(
                path.formatted(
                    "span.http.method", encoded("{ name = \"SELECT\" && span.http.method = }"))))
        .isEmpty();
    assertThat(values(path.formatted("status", "")))
        .containsExactly("keyword error", "keyword ok", "keyword unset");
    assertThat(values(path.formatted("name", ""))).contains("string GET /cart", "string SELECT");
    assertThat(values(path.formatted("event:name", ""))).containsExactly("string exception");
    assertThat(values(path.formatted("event.exception.type", ""))).containsExactly("string Boom");
    assertThat(values(path.formatted("link.why", ""))).containsExactly("string retry");
    assertThat(values(path.formatted("instrumentation:name", "")))
        .containsExactly("string io.shop");

    assertThat(
            all(grpc.searchTagValuesV2(
                    SearchTagValuesRequest.newBuilder()
                        .setTagName("resource.service.name")
                        .setQuery("{}")
                        .build()))
                .get(0)
                .getTagValuesList())
        .extracting(TagValue::getValue)
        .containsExactly("shop");
  }

  private List<String> values(String path) {
    return strict(path, SearchTagValuesV2Response.newBuilder()).getTagValuesList().stream()
        .map(value -> value.getType() + " " + value.getValue())
        .toList();
  }

  @Test
  void searchesInExplore() {
    String q = "{resource.service.name=\"shop\" && status=error}";
    SearchResponse.Builder found =
        strict(
            "/api/search?q=%s&limit=20&spss=3&%s".formatted(encoded(q), range()),
            SearchResponse.newBuilder());
    assertFound(found.getTracesList());

    List<SearchResponse> streamed =
        all(
            grpc.search(
                SearchRequest.newBuilder()
                    .setQuery(q)
                    .setLimit(20)
                    .setSpansPerSpanSet(3)
                    .setStart((int) start)
                    .setEnd((int) end)
                    .build()));
    assertFound(streamed.stream().flatMap(part -> part.getTracesList().stream()).toList());
  }

  private void assertFound(List<TraceSearchMetadata> traces) {
    assertThat(traces).hasSize(1);
    TraceSearchMetadata trace = traces.get(0);
    assertThat(trace.getTraceID()).isEqualTo(Spans.hex(root.getTraceId()));
    assertThat(trace.getRootServiceName()).isEqualTo("shop");
    assertThat(trace.getRootTraceName()).isEqualTo("GET /cart");
    assertThat(trace.getStartTimeUnixNano()).isEqualTo(root.getStartTimeUnixNano());
    assertThat(trace.getSpanSets(0).getSpans(0).getSpanID()).isEqualTo(Spans.hex(root.getSpanId()));
    assertThat(trace.getSpanSet()).isEqualTo(trace.getSpanSets(0));
    assertThat(trace.getServiceStatsOrThrow("shop").getErrorCount()).isEqualTo(1);
  }

  @Test
  void opensATrace() throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url("/api/v2/traces/" + Spans.hex(root.getTraceId())));
    BACKEND.forEach(request::header);

    HttpResponse<byte[]> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/protobuf");
    assertThat(
            TraceByIdResponse.parseFrom(response.body()).getTrace().getResourceSpansList().stream()
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream()))
        .containsExactlyInAnyOrder(root, child);
  }

  @Test
  void opensATraceThatIsNotThere() throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(url("/api/v2/traces/abc"));
    BACKEND.forEach(request::header);

    HttpResponse<byte[]> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(TraceByIdResponse.parseFrom(response.body()).hasTrace()).isTrue();
  }

  @Test
  void drawsAMetricsPanel() {
    String q = "{ resource.service.name = \"shop\" } | rate() by (span:name)";
    String path =
        "/api/metrics/query_range?q=%s&start=%d&end=%d&step=15s"
            .formatted(encoded(q), end - 600, end + 60);

    QueryRangeResponse.Builder series = strict(path, QueryRangeResponse.newBuilder());

    assertThat(series.hasMetrics()).isTrue();
  }
}
