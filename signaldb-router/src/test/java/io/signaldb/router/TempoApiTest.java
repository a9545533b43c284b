package io.signaldb.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.AnswerSummary;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SearchParams;
import io.signaldb.common.flight.SearchResult;
import io.signaldb.common.schema.Schemas;
import io.signaldb.router.tempo.proto.PartialStatus;
import io.signaldb.router.tempo.proto.SearchResponse;
import io.signaldb.router.tempo.proto.SearchTagValuesV2Response;
import io.signaldb.router.tempo.proto.SearchTagsV2Response;
import io.signaldb.router.tempo.proto.Trace;
import io.signaldb.router.tempo.proto.TraceByIdResponse;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole Router over HTTP, with a Flight server in the place of a Querier. */
class TempoApiTest extends RouterTestCase {
  private static final Schema SPANS = Schemas.load().table("traces").storageArrow();
  private static final Schema TAGS = texts("scope", "tag");
  private static final Schema TAG_VALUES = texts("type", "value");
  private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
  private static final long START = 1_700_000_000_123_456_789L;

  private static Schema texts(String... names) {
    return new Schema(
        List.of(names).stream().map(n -> Field.notNullable(n, new ArrowType.Utf8())).toList());
  }

  /** A trace of two spans that uses every column. */
  private static List<Map<String, Object>> spans() {
    Map<String, Object> root =
        Map.ofEntries(
            Map.entry("trace_id", TRACE_ID),
            Map.entry("span_id", "00f067aa0ba902b7"),
            Map.entry("span_name", "GET /cart"),
            Map.entry("service_name", "shop"),
            Map.entry("start_time_unix_nano", START),
            Map.entry("end_time_unix_nano", START + 1_000_001),
            Map.entry("duration_nanos", 1_000_001L),
            Map.entry("span_kind", "Server"),
            Map.entry("span_kind_number", 2),
            Map.entry("status_code", "Error"),
            Map.entry("status_code_number", 2),
            Map.entry("status_message", "Forbidden"),
            Map.entry("is_root", true),
            Map.entry("flags", 0x301),
            Map.entry("trace_state", "vendor=a"),
            Map.entry("dropped_attributes_count", 1),
            Map.entry("dropped_events_count", 2),
            Map.entry("dropped_links_count", 3),
            Map.entry("resource_schema_url", "https://opentelemetry.io/schemas/1.30.0"),
            Map.entry("resource_dropped_attributes_count", 4),
            Map.entry("resource_attr_service_name", "shop"),
            Map.entry("resource_attributes", Map.of("zone", "b")),
            Map.entry("resource_attributes_int", Map.of("cores", 8)),
            Map.entry("scope_name", "io.shop.cart"),
            Map.entry("scope_version", "1.2.3"),
            Map.entry("scope_schema_url", "https://opentelemetry.io/schemas/1.29.0"),
            Map.entry("scope_dropped_attributes_count", 5),
            Map.entry("scope_attributes_bool", Map.of("generated", true)),
            Map.entry("span_attr_http_request_method", "GET"),
            Map.entry("span_attr_http_response_status_code", 403L),
            Map.entry("span_attributes", Map.of("user", "ann", "empty", "")),
            Map.entry("span_attributes_int", Map.of("big", Long.MIN_VALUE)),
            Map.entry("span_attributes_double", Map.of("ratio", 0.5)),
            Map.entry("span_attributes_bool", Map.of("cached", false)),
            Map.entry(
                "span_attributes_json",
                Map.of(
                    "list",
                    "{\"arrayValue\":{\"values\":[{\"intValue\":\"1\"},{\"stringValue\":\"x\"}]}}",
                    "bytes",
                    "{\"bytesValue\":\"AQI=\"}",
                    "nothing",
                    "{}")),
            Map.entry(
                "events",
                List.of(
                    Map.of(
                        "time_unix_nano",
                        START + 7,
                        "name",
                        "exception",
                        "dropped_attributes_count",
                        6,
                        "attributes",
                        Map.of("exception.message", "boom"),
                        "attributes_int",
                        Map.of("exception.line", 42)))),
            Map.entry(
                "links",
                List.of(
                    Map.of(
                        "trace_id",
                        "11111111111111111111111111111111",
                        "span_id",
                        "2222222222222222",
                        "trace_state",
                        "x=y",
                        "flags",
                        1,
                        "dropped_attributes_count",
                        7,
                        "attributes",
                        Map.of("why", "retry")))));
    Map<String, Object> child =
        Map.ofEntries(
            Map.entry("trace_id", TRACE_ID),
            Map.entry("span_id", "00f067aa0ba902b8"),
            Map.entry("parent_span_id", "00f067aa0ba902b7"),
            Map.entry("span_name", "SELECT carts"),
            Map.entry("service_name", "unknown"),
            Map.entry("start_time_unix_nano", START + 1),
            Map.entry("end_time_unix_nano", START + 2),
            Map.entry("duration_nanos", 1L),
            Map.entry("span_kind", "Client"),
            Map.entry("span_kind_number", 3),
            Map.entry("status_code", "Unspecified"),
            Map.entry("status_code_number", 0),
            Map.entry("is_root", false));
    // Youngest first: the answer is ordered by start time whatever the order of the rows.
    return List.of(child, root);
  }

  private static List<Map<String, Object>> searchRows() {
    Map<String, Object> first =
        Map.ofEntries(
            Map.entry("trace_id", "00000000000000000000000000000abc"),
            Map.entry("root_service_name", "shop"),
            Map.entry("root_trace_name", "GET /cart"),
            Map.entry("trace_start_unix_nano", START),
            Map.entry("trace_duration_nanos", 1_999_999L),
            Map.entry("spanset", 0),
            Map.entry("matched", 9),
            Map.entry("spanset_attributes_int", Map.of("count()", 9)),
            Map.entry("span_id", "00000000000000a1"),
            Map.entry("span_name", "GET /cart"),
            Map.entry("start_time_unix_nano", START),
            Map.entry("duration_nanos", 1_999_999L),
            Map.entry("attributes", Map.of("http.method", "GET")),
            Map.entry("attributes_int", Map.of("http.status_code", 200)),
            Map.entry("service_span_counts", Map.of("shop", 3)),
            Map.entry("service_error_counts", Map.of("shop", 1)));
    Map<String, Object> second =
        Map.ofEntries(
            Map.entry("trace_id", "00000000000000000000000000000abc"),
            Map.entry("trace_start_unix_nano", START),
            Map.entry("trace_duration_nanos", 1_999_999L),
            Map.entry("spanset", 1),
            Map.entry("matched", 1),
            Map.entry("span_id", "00000000000000a2"),
            Map.entry("span_name", "SELECT"),
            Map.entry("start_time_unix_nano", START + 5),
            Map.entry("duration_nanos", 5L));
    Map<String, Object> third =
        Map.ofEntries(
            Map.entry("trace_id", TRACE_ID),
            Map.entry("trace_start_unix_nano", START - 1),
            Map.entry("trace_duration_nanos", 5L),
            Map.entry("spanset", 0),
            Map.entry("matched", 1),
            Map.entry("span_id", "00000000000000a3"),
            Map.entry("span_name", "late"),
            Map.entry("start_time_unix_nano", START - 1),
            Map.entry("duration_nanos", 5L));
    return List.of(first, second, third);
  }

  private static List<Map<String, Object>> pairs(String first, String second, String... values) {
    List<Map<String, Object>> rows = new java.util.ArrayList<>();
    for (int i = 0; i < values.length; i += 2) {
      rows.add(Map.of(first, values[i], second, values[i + 1]));
    }
    return rows;
  }

  private HttpResponse<byte[]> getProtobuf(String path) throws Exception {
    HttpResponse<byte[]> response = get(path, "Accept", "application/protobuf");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/protobuf");
    return response;
  }

  private void assertGolden(String path, String golden) throws Exception {
    HttpResponse<byte[]> response = get(path);
    assertThat(response.statusCode()).describedAs(text(response)).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
    try (InputStream expected = TempoApiTest.class.getResourceAsStream("/golden/" + golden)) {
      JsonNode wanted = expected == null ? null : JSON.readTree(expected);
      assertThat(JSON.readTree(response.body()))
          .describedAs("%s answered %s", path, text(response))
          .isEqualTo(wanted);
    }
  }

  @Test
  void answersTraceV1AsBatches() throws Exception {
    querier.answer(SPANS, spans());
    assertGolden("/tempo/api/traces/" + TRACE_ID, "trace-v1.json");
    assertThat(querier.takeTicket())
        .isEqualTo(new QueryTicket.FindTrace("default", "default", TRACE_ID, null, null));
  }

  @Test
  void answersTraceV2InItsWrapper() throws Exception {
    querier.answer(SPANS, spans());
    assertGolden("/api/v2/traces/" + TRACE_ID + "?start=1&end=2", "trace-v2.json");
    assertThat(querier.takeTicket())
        .isEqualTo(new QueryTicket.FindTrace("default", "default", TRACE_ID, 1L, 2L));
  }

  @Test
  void answersTracesAsProtobufEqualToTheirJson() throws Exception {
    querier.answer(SPANS, spans());
    List<ResourceSpans> v1 =
        Trace.parseFrom(getProtobuf("/tempo/api/traces/" + TRACE_ID).body()).getResourceSpansList();
    TraceByIdResponse v2 =
        TraceByIdResponse.parseFrom(getProtobuf("/tempo/api/v2/traces/" + TRACE_ID).body());
    assertThat(v1).hasSize(2).isEqualTo(v2.getTrace().getResourceSpansList());
    assertThat(v1.get(0).getScopeSpans(0).getSpans(0).getStartTimeUnixNano()).isEqualTo(START);
    assertThat(v2.getStatus()).isEqualTo(PartialStatus.COMPLETE);
  }

  @Test
  void padsAndFoldsTraceIds() throws Exception {
    querier.answer(SPANS, List.of());
    get("/api/traces/ABC");
    assertThat(querier.takeTicket())
        .isEqualTo(
            new QueryTicket.FindTrace("default", "default", "0".repeat(29) + "abc", null, null));
  }

  @Test
  void answersMissingTraceWith404AndNoBodyOnV1() throws Exception {
    querier.answer(SPANS, List.of());
    HttpResponse<byte[]> response = get("/tempo/api/traces/" + TRACE_ID);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void answersMissingTraceWithEmptyTraceOnV2() throws Exception {
    querier.answer(SPANS, List.of());
    HttpResponse<byte[]> response = get("/tempo/api/v2/traces/" + TRACE_ID);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()))
        .isEqualTo(JSON.readTree("{\"trace\":{},\"metrics\":{\"inspectedBytes\":\"1234\"}}"));
    byte[] protobuf = getProtobuf("/tempo/api/v2/traces/" + TRACE_ID).body();
    assertThat(TraceByIdResponse.parseFrom(protobuf).hasTrace()).isTrue();
  }

  @Test
  void tellsThatATraceIsIncomplete() throws Exception {
    querier.answer(SPANS, spans(), new AnswerSummary(0, 0, "Writer 127.0.0.1:1 cannot be reached"));
    HttpResponse<byte[]> v2 = get("/tempo/api/v2/traces/" + TRACE_ID);
    assertThat(JSON.readTree(v2.body()).path("status").asText()).isEqualTo("PARTIAL");
    assertThat(JSON.readTree(v2.body()).path("message").asText())
        .isEqualTo("Writer 127.0.0.1:1 cannot be reached");
    HttpResponse<byte[]> v1 = get("/tempo/api/traces/" + TRACE_ID);
    assertThat(v1.statusCode()).isEqualTo(200);
    assertThat(v1.headers().firstValue("x-signaldb-incomplete"))
        .contains("Writer 127.0.0.1:1 cannot be reached");
  }

  @Test
  void doesNotCallATraceMissingWhenTheAnswerIsIncomplete() throws Exception {
    querier.answer(SPANS, List.of(), new AnswerSummary(0, 0, "Writer w cannot be reached"));
    HttpResponse<byte[]> v1 = get("/tempo/api/traces/" + TRACE_ID);
    assertThat(v1.statusCode()).isEqualTo(503);
    assertThat(text(v1)).contains(TRACE_ID).contains("Writer w cannot be reached");
  }

  @Test
  void answersSearch() throws Exception {
    querier.answer(SearchResult.SCHEMA, searchRows());
    assertGolden(
        "/tempo/api/search?q=%7B%7D&limit=5&spss=2&start=10&end=20&minDuration=1.5ms&max_duration=2000000",
        "search.json");
    assertThat(querier.takeTicket())
        .isEqualTo(
            new QueryTicket.SearchTraces(
                "default",
                "default",
                new SearchParams("{}", null, 1_500_000L, 2_000_000L, 5, 10L, 20L, 2)));
  }

  @Test
  void answersSearchAsProtobuf() throws Exception {
    querier.answer(SearchResult.SCHEMA, searchRows());
    SearchResponse response = SearchResponse.parseFrom(getProtobuf("/api/search").body());
    assertThat(response.getTracesList()).hasSize(2);
    assertThat(response.getTraces(0).getSpanSetsList()).hasSize(2);
    assertThat(response.getTraces(0).getSpanSet()).isEqualTo(response.getTraces(0).getSpanSets(0));
    assertThat(querier.takeTicket())
        .isEqualTo(
            new QueryTicket.SearchTraces(
                "default",
                "default",
                new SearchParams(null, null, null, null, null, null, null, null)));
  }

  @Test
  void answersSearchNewestFirstThenByIdInWhateverOrderTracesAreFound() throws Exception {
    querier.script(
        (ticket, reply) ->
            reply.sendEach(
                SearchResult.SCHEMA,
                List.of(
                    () -> List.of(foundSpan("5", START), foundSpan("1bc", START - 2)),
                    () -> List.of(foundSpan("1bc", START - 2), foundSpan("7", START + 1)),
                    () -> List.of(foundSpan("9", START - 3), foundSpan("ab", START - 2))),
                new AnswerSummary(7, 1234, null)));

    JsonNode response = JSON.readTree(get("/tempo/api/search").body());

    assertThat(response.path("traces").findValuesAsText("traceID"))
        .containsExactly("7", "5", "ab", "1bc", "9");
    assertThat(response.path("traces").path(3).path("spanSet").path("spans")).hasSize(2);
    assertThat(response.path("metrics").path("inspectedSpans").asInt()).isEqualTo(7);
  }

  private static Map<String, Object> foundSpan(String trace, long start) {
    return Map.of(
        "trace_id",
        "0".repeat(32 - trace.length()) + trace,
        "trace_start_unix_nano",
        start,
        "trace_duration_nanos",
        5L,
        "spanset",
        0,
        "matched",
        2,
        "span_id",
        "00000000000000a1",
        "span_name",
        "GET",
        "start_time_unix_nano",
        start,
        "duration_nanos",
        5L);
  }

  @Test
  void answersEmptySearchWithAnEmptyList() throws Exception {
    querier.answer(SearchResult.SCHEMA, List.of());
    JsonNode response = JSON.readTree(get("/tempo/api/search").body());
    assertThat(response.path("traces").isArray()).isTrue();
    assertThat(response.path("traces")).isEmpty();
  }

  @Test
  void tellsThatASearchIsIncomplete() throws Exception {
    querier.answer(SearchResult.SCHEMA, List.of(), new AnswerSummary(0, 0, "späť"));
    HttpResponse<byte[]> response = get("/tempo/api/search");
    assertThat(response.headers().firstValue("x-signaldb-incomplete")).contains("sp??");
    JsonNode metrics = JSON.readTree(response.body()).path("metrics");
    assertThat(metrics.path("totalJobs").asInt()).isEqualTo(1);
    assertThat(metrics.has("completedJobs")).isFalse();
  }

  @Test
  void answersTags() throws Exception {
    querier.answer(
        TAGS,
        pairs(
            "scope",
            "tag",
            "resource",
            "service.name",
            "span",
            "http.method",
            "span",
            "service.name",
            "intrinsic",
            "duration",
            "intrinsic",
            "name"));
    assertGolden("/tempo/api/v2/search/tags?q=%7B%7D&scope=none", "tags-v2.json");
    assertThat(querier.takeTicket())
        .isEqualTo(new QueryTicket.Tags("default", "default", null, null, null, "{}", null));
    assertGolden("/tempo/api/search/tags", "tags-v1.json");
    assertThat(
            SearchTagsV2Response.parseFrom(getProtobuf("/api/v2/search/tags").body())
                .getScopes(2)
                .getTagsList())
        .containsExactly("duration", "name");
  }

  @Test
  void answersTagsOfOneScope() throws Exception {
    querier.answer(TAGS, pairs("scope", "tag", "intrinsic", "duration"));
    HttpResponse<byte[]> response = get("/api/search/tags?scope=intrinsic&start=1&end=2");
    assertThat(JSON.readTree(response.body()).path("tagNames").get(0).asText())
        .isEqualTo("duration");
    assertThat(querier.takeTicket())
        .isEqualTo(new QueryTicket.Tags("default", "default", "intrinsic", 1L, 2L, null, null));
  }

  @Test
  void answersTagValues() throws Exception {
    querier.answer(
        TAG_VALUES,
        pairs("type", "value", "string", "GET", "float", "2.0", "keyword", "error", "int", "2.0"));
    assertGolden(
        "/tempo/api/v2/search/tag/span.http.method/values?q=%7B%7D&limit=9", "tag-values-v2.json");
    assertThat(querier.takeTicket())
        .isEqualTo(
            new QueryTicket.TagValues(
                "default", "default", "span.http.method", null, null, "{}", 9));
    assertGolden("/tempo/api/search/tag/http.method/values", "tag-values-v1.json");
    assertThat(
            SearchTagValuesV2Response.parseFrom(
                    getProtobuf("/api/v2/search/tag/name/values").body())
                .getTagValues(1)
                .getValue())
        .isEqualTo("2.0");
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v2/search/tag/.service.name/values, .service.name",
    "/tempo/api/v2/search/tag/span.a/b/values, span.a/b",
    "/tempo/api/v2/search/tag/span.a%2Fb/values, span.a/b",
    "/api/v2/search/tag/span.%22a%20b%22/values, span.\"a b\"",
    "/api/v2/search/tag/resource./values/values, resource./values",
    "/api/search/tag/service.name/values, .service.name",
    "/tempo/api/search/tag/a/b/values, .a/b",
    "/api/search/tag/name/values, name",
    "/api/search/tag/a%20%22b%22/values, '.\"a \\\"b\\\"\"'",
  })
  void passesTagsWithDotsAndSlashes(String path, String tag) throws Exception {
    querier.answer(TAG_VALUES, List.of());
    HttpResponse<byte[]> response = get(path);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()).path("tagValues").isArray()).isTrue();
    assertThat(querier.takeTicket())
        .isInstanceOfSatisfying(
            QueryTicket.TagValues.class, ticket -> assertThat(ticket.tag()).isEqualTo(tag));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /api/traces/xyz                              | xyz       | 1 to 32 hexadecimal digits
          /api/traces/000000000000000000000000000000001| 000001    | 1 to 32 hexadecimal digits
          /api/v2/traces/g                             | 'g'       | 1 to 32 hexadecimal digits
          /api/v2/traces/1?start=5                     | start '5' | both or neither
          /api/search?limit=0                          | limit '0' | an integer from 1 to 262144
          /api/search?limit=-1                         | limit '-1'| an integer from 1 to 262144
          /api/search?limit=262145                     | 262145    | an integer from 1 to 262144
          /api/search?limit=ten                        | 'ten'     | an integer from 1 to 262144
          /api/search?limit=99999999999                | 999999999 | an integer from 1 to 262144
          /api/search?spss=101                         | spss '101'| an integer from 1 to 100
          /api/search?spss=x                           | spss 'x'  | an integer from 1 to 100
          /api/search?start=1                          | start '1' | both or neither
          /api/search?end=1                            | end '1'   | both or neither
          /api/search?start=2&end=1                    | start=2   | start must be before end
          /api/search?start=2&end=2                    | end=2     | start must be before end
          /api/search?start=-1&end=2                   | start '-1'| Unix seconds
          /api/search?start=1.5&end=2                  | '1.5'     | Unix seconds
          /api/search?start=1&end=1e9                  | end '1e9' | Unix seconds
          /api/search?minDuration=fast                 | 'fast'    | a duration such as
          /api/search?minDuration=5                    | '5'       | a duration such as
          /api/search?maxDuration=1s5                  | '1s5'     | a duration such as
          /api/search?min_duration=-4                  | '-4'      | a duration such as
          /api/search?minDuration=2s&maxDuration=1s    | 2000000000| must not be above
          /api/search?q=%7B%7D&tags=a%3Db              | both      | q or tags
          /api/search/tags?scope=cluster               | 'cluster' | resource, span, event
          /api/v2/search/tags?scope=Resource           | 'Resource'| resource, span, event
          /api/v2/search/tags?start=3                  | start '3' | both or neither
          /api/v2/search/tag/name/values?limit=0       | limit '0' | an integer from 1
          """)
  void refusesBadParameters(String path, String value, String expectation) throws Exception {
    for (String base : List.of("", "/tempo")) {
      HttpResponse<byte[]> response = get(base + path);
      assertThat(response.statusCode()).describedAs(text(response)).isEqualTo(400);
      assertThat(response.headers().firstValue("content-type"))
          .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
      assertThat(text(response)).contains(value).contains(expectation);
    }
    assertThat(querier.takeTicket()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "100ms, 100000000",
    "1.5s, 1500000000",
    "1m30s, 90000000000",
    "1h, 3600000000000",
    "250us, 250000",
    "250%C2%B5s, 250000",
    "1.9ns, 1",
    ".5s, 500000000",
  })
  void readsGoDurations(String duration, long nanos) throws Exception {
    querier.answer(SearchResult.SCHEMA, List.of());
    assertThat(get("/api/search?minDuration=" + duration).statusCode()).isEqualTo(200);
    assertThat(querier.takeTicket())
        .isInstanceOfSatisfying(
            QueryTicket.SearchTraces.class,
            ticket -> assertThat(ticket.params().minDurationNanos()).isEqualTo(nanos));
  }

  @Test
  void passesErrorsOfTheQuerier() throws Exception {
    querier.fail(
        new SignalDbException(
            ErrorCode.INVALID_ARGUMENT, "invalid TraceQL query: parse error at line 1, col 3: x"));
    HttpResponse<byte[]> response = get("/tempo/api/search?q=%7B%20x");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
    assertThat(text(response).strip())
        .isEqualTo("invalid TraceQL query: parse error at line 1, col 3: x");
  }

  @Test
  void answersEchoBuildInfoHealthAndReadiness() throws Exception {
    assertThat(text(get("/tempo/api/echo"))).isEqualTo("echo");
    JsonNode buildInfo = JSON.readTree(get("/tempo/api/status/buildinfo").body());
    assertThat(buildInfo.path("version").asText()).matches("[0-9]+\\.[0-9]+\\.[0-9]+");
    assertThat(buildInfo.path("application").asText()).isEqualTo("SignalDB");
    assertThat(get("/health").statusCode()).isEqualTo(200);
    assertThat(get("/ready").statusCode()).isEqualTo(200);
    assertThat(text(get("/metrics"))).contains("signaldb_router_http_requests_total");
  }

  @Test
  void answersHeadWithoutBody() throws Exception {
    HttpRequest head =
        HttpRequest.newBuilder(router.http("/tempo/api/echo"))
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build();
    HttpResponse<byte[]> response = http.send(head, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/tempo/api/search", "/api/traces/abc", "/api/v2/search/tag/a/values"})
  void refusesOtherMethods(String path) throws Exception {
    HttpRequest post =
        HttpRequest.newBuilder(router.http(path))
            .POST(HttpRequest.BodyPublishers.ofString("x"))
            .build();
    HttpResponse<byte[]> response = http.send(post, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("allow")).contains("GET, HEAD");
    assertThat(text(response)).contains("POST").contains("expected GET or HEAD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/tempo", "/tempo/api/nothing", "/api/traces", "/api/traces/a/b"})
  void namesAnUnknownPath(String path) throws Exception {
    HttpResponse<byte[]> response = get(path);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(text(response)).contains("No such path: " + path);
  }

  @Test
  void refusesAnotherTenantWhileAuthenticationIsOff() throws Exception {
    HttpResponse<byte[]> response = get("/tempo/api/search", "X-Tenant-ID", "acme");
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(text(response)).contains("acme");
  }

  @Test
  void givesUpOnALateQuerier() throws Exception {
    querier.script((ticket, reply) -> reply.hang(SPANS));
    HttpResponse<byte[]> response = get("/tempo/api/traces/1");
    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(querier.cancelled().tryAcquire(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void cancelsTheQueryOfAClientThatDisconnects() throws Exception {
    querier.script((ticket, reply) -> reply.hang(SPANS));
    CompletableFuture<HttpResponse<byte[]>> response =
        http.sendAsync(
            HttpRequest.newBuilder(router.http("/tempo/api/traces/1"))
                .timeout(Duration.ofMillis(200))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response).failsWithin(10, TimeUnit.SECONDS);
    assertThat(querier.cancelled().tryAcquire(10, TimeUnit.SECONDS)).isTrue();
  }
}
