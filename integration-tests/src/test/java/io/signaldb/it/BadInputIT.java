package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import io.signaldb.acceptor.prometheus.proto.Sample;
import io.signaldb.acceptor.prometheus.proto.WriteRequest;
import io.signaldb.router.tempo.proto.SearchRequest;
import io.signaldb.router.tempo.proto.StreamingQuerierGrpc;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong is named, what is right beside it is stored, and the server lives on. */
class BadInputIT {
  private static final Map<String, String> PROTOBUF =
      Map.of("content-type", "application/x-protobuf");
  private static final Map<String, String> GZIPPED =
      Map.of("content-type", "application/x-protobuf", "content-encoding", "gzip");
  private static final Map<String, String> JSON = Map.of("content-type", "application/json");

  @TempDir static Path directory;
  private static SignalDbProcess server;
  private static Tempo tempo;
  private static OtlpGrpc otlp;
  private static Sql sql;
  private static ManagedChannel router;

  @BeforeAll
  static void start() throws Exception {
    server = SignalDbProcess.start(directory, Map.of());
    tempo = new Tempo(server);
    otlp = new OtlpGrpc(server);
    sql = new Sql(server, Map.of());
    router =
        NettyChannelBuilder.forAddress("127.0.0.1", server.router().getPort())
            .usePlaintext()
            .build();
  }

  @AfterAll
  static void stop() {
    router.shutdownNow();
    otlp.close();
    server.close();
  }

  @AfterEach
  void serverIsAliveAndStores() {
    assertThat(server.isAlive()).isTrue();
    Span.Builder span = Spans.span("still here");
    otlp.send(Spans.request("alive", span));
    assertThat(tempo.spanIds(Spans.hex(span.getTraceId()))).hasSize(1);
  }

  @Test
  void refusesBrokenProtobuf() {
    byte[] broken = Spans.request("broken", Spans.span("x")).toByteArray();
    broken[1] = (byte) 0xff;

    Http.Reply reply = Http.post(traces(), broken, PROTOBUF);

    assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
    assertThat(reply.body()).containsIgnoringCase("protobuf");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"resourceSpans\":[{", "[]", "{\"resourceSpans\":7}", "not json"})
  void refusesBrokenJson(String body) {
    Http.Reply reply = Http.post(traces(), body.getBytes(StandardCharsets.UTF_8), JSON);

    assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
    assertThat(reply.json().path("message").asText()).containsIgnoringCase("json");
  }

  @Test
  void refusesTruncatedGzip() {
    byte[] whole = Http.gzip(Spans.request("cut", Spans.span("x")).toByteArray());

    Http.Reply reply = Http.post(traces(), Arrays.copyOf(whole, whole.length - 12), GZIPPED);

    assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
    assertThat(reply.body()).containsIgnoringCase("gzip");
  }

  @Test
  void refusesGzipBombs() {
    Http.Reply reply = Http.post(traces(), Http.gzip(new byte[512 << 20]), GZIPPED);

    assertThat(reply.status()).as(reply.toString()).isEqualTo(413);
    assertThat(reply.body()).contains("67108864");
  }

  @Test
  void refusesRequestsOf100Megabytes() {
    Span.Builder span =
        Spans.span("large").addAttributes(Spans.text("large", "x".repeat(100_000_000)));
    byte[] request = Spans.request("large", span).toByteArray();

    assertThat(Http.post(traces(), request, PROTOBUF).status()).isEqualTo(413);
    StatusRuntimeException e =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> otlp.send(Spans.request("large", span)));
    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void refusesUnknownMediaTypesAndMethods() {
    assertThat(Http.post(traces(), new byte[0], Map.of("content-type", "text/csv")).status())
        .isEqualTo(415);
    assertThat(Http.get(traces(), Map.of()).status()).isEqualTo(405);
  }

  static Stream<Arguments> badSpans() {
    long year = Duration.ofDays(365).toNanos();
    return Stream.of(
        bad("an empty trace id", "trace id", span -> span.clearTraceId()),
        bad("a zero trace id", "trace id", span -> span.setTraceId(Spans.id(0, 0))),
        bad("a short trace id", "trace id", span -> span.setTraceId(bytes(8))),
        bad("an empty span id", "span id", span -> span.clearSpanId()),
        bad("a long span id", "span id", span -> span.setSpanId(bytes(9))),
        bad("a long parent span id", "parent", span -> span.setParentSpanId(bytes(16))),
        bad("a zero start", "start", span -> span.setStartTimeUnixNano(0)),
        bad("a zero end", "end", span -> span.setEndTimeUnixNano(0)),
        bad(
            "an end before its start",
            "end",
            span -> span.setEndTimeUnixNano(span.getStartTimeUnixNano() - 1)),
        bad("a far future", "start", span -> shifted(span, year)),
        bad("a far past", "start", span -> shifted(span, -20 * year)),
        bad("a time beyond 63 bits", "start", span -> span.setStartTimeUnixNano(-2)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badSpans")
  void rejectsASpanAndStoresItsNeighbours(
      String what, String named, UnaryOperator<Span.Builder> spoil) {
    Span.Builder before = Spans.span("before");
    Span.Builder after = Spans.span("after");

    ExportTraceServiceResponse response =
        otlp.send(Spans.request("bad", before, spoil.apply(Spans.span("bad")), after));

    assertThat(response.getPartialSuccess().getRejectedSpans()).isEqualTo(1);
    assertThat(response.getPartialSuccess().getErrorMessage().replace('_', ' '))
        .containsIgnoringCase(named);
    assertThat(tempo.spanIds(Spans.hex(before.getTraceId()))).hasSize(1);
    assertThat(tempo.spanIds(Spans.hex(after.getTraceId()))).hasSize(1);
  }

  static Stream<Arguments> badHistograms() {
    return Stream.of(
        badPoint(
            "falling bounds",
            "explicit_bounds[1] is 1.0 after 2.0, expected rising bounds",
            point -> point.clearExplicitBounds().addExplicitBounds(2).addExplicitBounds(1)),
        badPoint(
            "more counts than buckets",
            "bucket_counts has 4 values for 2 explicit_bounds, expected 3",
            point -> point.addBucketCounts(1)),
        badPoint(
            "a negative bucket count",
            "18446744073709551615, expected at most 2^63-1",
            point -> point.setBucketCounts(0, -1)),
        badPoint(
            "a negative count",
            "count is 18446744073709551614, expected at most 2^63-1",
            point -> point.setCount(-2)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badHistograms")
  void rejectsAPointAndStoresItsNeighbours(
      String what, String named, UnaryOperator<HistogramDataPoint.Builder> spoil)
      throws SQLException {
    HistogramDataPoint.Builder bad = spoil.apply(LogsAndMetrics.histogramPoint());

    ExportMetricsServiceResponse response =
        otlp.send(
            LogsAndMetrics.metrics(
                what,
                LogsAndMetrics.histogram(
                    "took", LogsAndMetrics.histogramPoint(), bad, LogsAndMetrics.histogramPoint()),
                LogsAndMetrics.gauge("queue", 1)));

    assertThat(response.getPartialSuccess().getRejectedDataPoints()).isEqualTo(1);
    assertThat(response.getPartialSuccess().getErrorMessage()).contains(named);
    assertThat(stored("metrics_histogram", what)).isEqualTo(2);
    assertThat(stored("metrics_gauge", what)).isEqualTo(1);
  }

  @Test
  void namesMetricsWithoutPointsOrNameAndStoresTheOthers() throws SQLException {
    ExportMetricsServiceResponse response =
        otlp.send(
            LogsAndMetrics.metrics(
                "incomplete",
                LogsAndMetrics.histogram("hollow"),
                LogsAndMetrics.gauge("", 1),
                LogsAndMetrics.gauge("queue", 1)));

    assertThat(response.getPartialSuccess().getRejectedDataPoints()).isEqualTo(1);
    assertThat(response.getPartialSuccess().getErrorMessage())
        .contains("metric 'hollow' has no data points, expected at least one")
        .contains("the name of the metric is empty");
    assertThat(stored("metrics_histogram", "incomplete")).isZero();
    assertThat(stored("metrics_gauge", "incomplete")).isEqualTo(1);
  }

  @Test
  void storesLogsWithoutTheirTimeByWhenTheyWereObserved() throws SQLException {
    long observed = Spans.nanos(Instant.now()) - 1_000_000_000;

    assertThat(
            otlp.send(
                    LogsAndMetrics.logs(
                        "untimed",
                        LogsAndMetrics.log("observed")
                            .clearTimeUnixNano()
                            .setObservedTimeUnixNano(observed),
                        LogsAndMetrics.log("received").clearTimeUnixNano()))
                .hasPartialSuccess())
        .isFalse();

    String time = "SELECT observed_time_unix_nano FROM logs WHERE time_unix_nano IS NULL";
    assertThat(sql.number(time + " AND body = 'observed'")).isEqualTo(observed);
    assertThat(sql.number(time + " AND body = 'received'")).isGreaterThan(observed);
  }

  @Test
  void keepsBodiesThatAreNoTexts() throws SQLException {
    AnyValue one = AnyValue.newBuilder().setIntValue(1).build();
    AnyValue.Builder bytes = AnyValue.newBuilder().setBytesValue(bytes(3));
    AnyValue.Builder array =
        AnyValue.newBuilder().setArrayValue(ArrayValue.newBuilder().addValues(one));
    AnyValue.Builder map =
        AnyValue.newBuilder()
            .setKvlistValue(
                KeyValueList.newBuilder()
                    .addValues(KeyValue.newBuilder().setKey("k").setValue(one)));

    assertThat(
            otlp.send(
                    LogsAndMetrics.logs(
                        "bodies",
                        LogsAndMetrics.log("").setEventName("bytes").setBody(bytes),
                        LogsAndMetrics.log("").setEventName("array").setBody(array),
                        LogsAndMetrics.log("").setEventName("map").setBody(map)))
                .hasPartialSuccess())
        .isFalse();

    assertThat(body("bytes")).contains("bytesValue").contains("BwcH");
    assertThat(body("array")).contains("arrayValue").contains("intValue");
    assertThat(body("map")).contains("kvlistValue").contains("\"k\"");
  }

  private static String body(String event) throws SQLException {
    return sql.text("SELECT body_json FROM logs WHERE event_name = '" + event + "'");
  }

  @Test
  void refusesBrokenSnappy() {
    byte[] whole = RemoteWrite.snappy(series("whole", "cut").build().toByteArray());

    for (byte[] broken :
        List.of(Arrays.copyOf(whole, whole.length - 3), new byte[] {-1, -1, -1, -1, -1, -1})) {
      Http.Reply reply = RemoteWrite.send(server, Map.of(), RemoteWrite.V1, broken);

      assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
      assertThat(reply.body())
          .contains("The body of %d bytes is no snappy block".formatted(broken.length));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unnamed | other    | has no name, expected a label __name__ that is not empty",
        "doubled | __name__ | has label '__name__' twice, expected each name once"
      })
  void rejectsSeriesOfWrongLabelsAndStoresTheOthers(String service, String label, String named)
      throws SQLException {
    WriteRequest.Builder request = series(service, "before");
    WriteRequest.TimeSeries.Builder bad = request.getTimeseriesBuilder(0).clone();
    if (label.equals("__name__")) {
      bad.addLabels(RemoteWrite.label("__name__", "again"));
    } else {
      bad.setLabels(0, RemoteWrite.label(label, "x"));
    }
    request.addTimeseries(bad).addAllTimeseries(series(service, "after").getTimeseriesList());

    Http.Reply reply = RemoteWrite.send(server, Map.of(), RemoteWrite.V1, request.build());

    assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
    assertThat(reply.body()).startsWith("1 of 3 samples").contains(named);
    assertThat(stored("metrics_gauge", service)).isEqualTo(2);
  }

  /** A sample of a series whose first label is its name and whose labels are in no order. */
  private static WriteRequest.Builder series(String service, String name) {
    return WriteRequest.newBuilder()
        .addTimeseries(
            WriteRequest.TimeSeries.newBuilder()
                .addLabels(RemoteWrite.label("__name__", name))
                .addLabels(RemoteWrite.label("zone", "z"))
                .addLabels(RemoteWrite.label("job", service))
                .addSamples(
                    Sample.newBuilder().setValue(1).setTimestamp(System.currentTimeMillis())));
  }

  private static Arguments badPoint(
      String what, String named, UnaryOperator<HistogramDataPoint.Builder> spoil) {
    return Arguments.of(what, named, spoil);
  }

  private static long stored(String table, String service) throws SQLException {
    return sql.number(
        "SELECT count(*) FROM %s WHERE service_name = '%s'".formatted(table, service));
  }

  @Test
  void takesInvalidUtf8() {
    Span.Builder good = Spans.span("good");
    Span.Builder bad = Spans.span("QQQQ");
    byte[] request = Spans.request("utf8", good, bad).toByteArray();
    int at = new String(request, StandardCharsets.ISO_8859_1).indexOf("QQQQ");
    request[at + 1] = (byte) 0xff;

    Http.Reply reply = Http.post(traces(), request, PROTOBUF);

    assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    assertThat(tempo.spanIds(Spans.hex(good.getTraceId()))).hasSize(1);
  }

  @Test
  void keepsAttributeValuesOfAMegabyte() {
    String value = "m".repeat(1 << 20);
    Span.Builder span = Spans.span("mega").addAttributes(Spans.text("mega", value));

    assertThat(otlp.send(Spans.request("mega", span)).hasPartialSuccess()).isFalse();

    assertThat(tempo.spans(Spans.hex(span.getTraceId())).get(0).toString()).contains(value);
  }

  @Test
  void takesDuplicateKeys() {
    Span.Builder span =
        Spans.span("twice")
            .addAttributes(Spans.text("twice", "one"))
            .addAttributes(Spans.text("twice", "two"));

    otlp.send(Spans.request("twice", span));

    assertThat(tempo.spanIds(Spans.hex(span.getTraceId()))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 90})
  void takesDeepKeyValueLists(int depth) {
    AnyValue value = AnyValue.newBuilder().setStringValue("bottom").build();
    for (int i = 0; i < depth; i++) {
      value =
          AnyValue.newBuilder()
              .setKvlistValue(
                  KeyValueList.newBuilder()
                      .addValues(KeyValue.newBuilder().setKey("k").setValue(value)))
              .build();
    }
    Span.Builder good = Spans.span("good");
    Span.Builder deep =
        Spans.span("deep").addAttributes(KeyValue.newBuilder().setKey("deep").setValue(value));
    ExportTraceServiceRequest request = Spans.request("deep", good, deep);

    Http.Reply reply = Http.post(traces(), request.toByteArray(), PROTOBUF);

    // Either it is stored, or it is named; a parser's own limit may refuse the whole request.
    if (depth <= 20) {
      assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
      assertThat(tempo.spans(Spans.hex(deep.getTraceId())).toString()).contains("bottom");
      assertThat(tempo.spanIds(Spans.hex(good.getTraceId()))).hasSize(1);
    } else {
      assertThat(reply.status()).as(reply.toString()).isIn(200, 400);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "x-tenant-id, acme",
    "x-tenant-id, ../x",
    "x-scope-orgid, acme",
    "x-scope-orgid, ../x",
    "x-dataset-id, archive",
    "x-dataset-id, ../x"
  })
  void refusesOtherTenantsWithoutKeys(String header, String value) {
    byte[] request = Spans.request("foreign", Spans.span("x")).toByteArray();

    Http.Reply stored =
        Http.post(
            traces(), request, Map.of("content-type", "application/x-protobuf", header, value));
    Http.Reply asked = new Tempo(server, Map.of(header, value)).get("/search");

    assertThat(stored.status()).as(stored.toString()).isIn(400, 403);
    assertThat(asked.status()).as(asked.toString()).isEqualTo(stored.status());
    assertThat(asked.body()).contains(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/search?q={                        | parse error at line 1, col",
        "/search?q={ span.x = }             | parse error at line 1, col",
        "/search?q={ name = \"a }           | parse error at line 1, col",
        "/search?q={ nonsense = 1 }         | nonsense",
        "/search?q={ name = `a }            | parse error at line 1, col",
        "/search?q={ name = \"\\q\" }       | parse error at line 1, col",
        "/search?q={ span:nothing = 1 }     | span:nothing",
        "/search?q={ name > 1 }             | line 1, col",
        "/search?q={ duration = \"long\" }   | duration",
        "/search?q={ status = 5 }           | status",
        "/search?q={ name =~ \"(\" }         | (",
        "/search?limit=-1                   | -1",
        "/search?limit=0                    | 0",
        "/search?limit=1000000000           | 1000000000",
        "/search?limit=many                 | many",
        "/search?spss=101                   | 101",
        "/search?start=200&end=100          | 200",
        "/search?start=x&end=100            | x",
        "/search?start=100                  | end",
        "/search?minDuration=long           | long",
        "/traces/xyz                        | xyz",
        "/traces/000000000000000000000000000000012 | 000000000000000000000000000000012",
        "/traces/123x5                      | 123x5",
        "/v2/traces/xyz                     | xyz",
        "/v2/traces/000000000000000000000000000000012 | 000000000000000000000000000000012",
        "/v2/search/tags?scope=bogus        | bogus",
        "/v2/search/tags?limit=-5           | -5",
        "/v2/search/tags?start=5&end=1      | start=5",
        "/v2/search/tag/nothing/values      | nothing",
        "/v2/search/tag/name/values?limit=-1 | -1",
        "/v2/search/tag/name/values?limit=0 | 0",
        "/v2/search/tag/name/values?limit=1000000000 | 1000000000",
        "/search/tag/http..method/values?start=9&end=1 | start=9",
        "/metrics/query_range?q={} %7C sum_over_time(name) | needs a number",
        "/metrics/query_range?q={} %7C rate() by ( | line 1, col",
        "/metrics/query_range?q={} %7C quantile_over_time(duration, 7) | 7",
        "/metrics/query_range?q={} %7C topk(5) | line 1, col",
        "/metrics/query_range?q={ name = \"a } %7C rate() | parse error at line 1, col",
        "/metrics/query_range?q={}&step=0   | step '0'",
        "/metrics/query_range?q={}&step=-1  | step '-1'",
        "/metrics/query_range?q={}&start=1700000000&end=1702592000&step=1ns | at most 10000",
        "/metrics/query_range?q={}&start=200&end=100 | end must be greater than start",
        "/metrics/query_range?start=1&end=2 | q is missing",
        "/metrics/query?q={}&start=x        | start 'x'",
        "/v2/search/tag/service.name/values | service.name",
      })
  void refusesWrongQuestions(String path, String named) {
    Http.Reply reply =
        tempo.get(
            path.replace(" ", "%20")
                .replace("{", "%7B")
                .replace("}", "%7D")
                .replace("\"", "%22")
                .replace("`", "%60")
                .replace("|", "%7C")
                .replace("\\", "%5C")
                .replace(">", "%3E"));

    assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
    assertThat(reply.body()).contains(named);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{ ( true ) }",
        "( { } )",
        "{ !( true ) }",
        "{ -( 1 ) = 1 }",
        "( { } | count() ) > 1"
      })
  void refusesQueriesOf10000NestedParentheses(String once) {
    String deep =
        once.replaceAll("([!-]?\\() ", "@")
            .replace(
                "@", (once.contains("!") ? "!(" : once.contains("-") ? "-(" : "(").repeat(10_000))
            .replaceFirst(" \\)(?!\\))", ")".repeat(10_000));

    Http.Reply reply = tempo.search(deep, "");

    assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
    assertThat(reply.body()).contains("line 1, col").hasSizeLessThan(1000);
  }

  @Test
  void refusesQueriesBeyondTheGreatestLength() {
    Http.Reply long140 = tempo.search("{ name = \"" + "x".repeat(140_000) + "\" }", "");
    assertThat(long140.status()).as(long140.toString()).isEqualTo(400);
    assertThat(long140.body()).contains("131072").hasSizeLessThan(1000);

    Http.Reply long10M = tempo.search("{ name = \"" + "x".repeat(10_000_000) + "\" }", "");
    assertThat(long10M.status()).as("a query of 10 MB").isEqualTo(414);

    StreamingQuerierGrpc.StreamingQuerierBlockingStub client =
        StreamingQuerierGrpc.newBlockingStub(router).withDeadlineAfter(30, TimeUnit.SECONDS);
    StatusRuntimeException e =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                client
                    .search(SearchRequest.newBuilder().setQuery("x".repeat(11 << 20)).build())
                    .next());
    assertThat(e.getStatus().getCode())
        .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.INVALID_ARGUMENT);
  }

  /** Regular expressions that take other engines exponential time. */
  @ParameterizedTest
  @ValueSource(strings = {"(a+)+b", "(a|aa)+b", "(a*)*b", "(.*a){20}b"})
  void answersRegexBombsInTime(String regex) {
    otlp.send(Spans.request("bomb", Spans.span("a".repeat(5000))));

    Http.Reply reply = tempo.search("{ name =~ \"" + regex + "\" }", "");

    assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    assertThat(reply.json().path("traces")).isEmpty();
  }

  /** Repetitions of repetitions, which a linear engine would need much memory for. */
  @ParameterizedTest
  @ValueSource(strings = {"((a{100}){100}){100}", "(x{1000}){1000}", "((((a{9}){9}){9}){9}){9}"})
  void refusesRegexesThatGrow(String regex) {
    Http.Reply reply = tempo.search("{ name =~ \"" + regex.replace("\\", "\\\\") + "\" }", "");

    assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
    assertThat(reply.body()).contains("line 1, col").hasSizeLessThan(1000);
  }

  /** An id may be written without its leading zeros: it has any number of digits. */
  @Test
  void takesIdsOfAnOddNumberOfDigits() {
    Span.Builder span = Spans.span("odd").setTraceId(Spans.id(0, 0x123456789abcdefL));
    otlp.send(Spans.request("odd", span));

    assertThat(tempo.spanIds("123456789abcdef")).hasSize(1);
    assertThat(tempo.get("/traces/abc").status()).isEqualTo(404);
    assertThat(tempo.get("/v2/traces/abc").status()).isEqualTo(200);
  }

  @Test
  void knowsNoValuesOfUnknownTags() {
    for (String tag : new String[] {".no.such.tag", "span.no.such.tag", "event.no.such.tag"}) {
      Http.Reply reply = tempo.get("/v2/search/tag/" + tag + "/values");

      assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
      assertThat(reply.json().path("tagValues").isEmpty()).isTrue();
    }
  }

  @Test
  void refusesTwoTenants() {
    Map<String, String> headers = Map.of("x-tenant-id", "default", "x-scope-orgid", "acme");

    Http.Reply reply = new Tempo(server, headers).get("/search");

    assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
    assertThat(reply.body()).contains("X-Tenant-ID is 'default' but X-Scope-OrgID is 'acme'");
  }

  @Test
  void answersUnknownPathsWith404() {
    assertThat(tempo.get("/nothing").status()).isEqualTo(404);
    assertThat(Http.get(server.router().resolve("/tempo/../../etc/passwd"), Map.of()).status())
        .isIn(400, 404);
  }

  private static Arguments bad(String what, String named, UnaryOperator<Span.Builder> spoil) {
    return Arguments.of(what, named, spoil);
  }

  private static Span.Builder shifted(Span.Builder span, long nanos) {
    long start = Spans.nanos(Instant.now()) + nanos;
    return span.setStartTimeUnixNano(start).setEndTimeUnixNano(start + 1000);
  }

  private static ByteString bytes(int count) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) 7);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  private static URI traces() {
    return server.otlpHttp().resolve("/v1/traces");
  }
}
