package io.signaldb.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.AnswerSummary;
import io.signaldb.common.flight.MetricsResult;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SearchParams;
import io.signaldb.common.flight.SearchResult;
import io.signaldb.common.flight.TimeSteps;
import io.signaldb.router.tempo.proto.QueryInstantRequest;
import io.signaldb.router.tempo.proto.QueryInstantResponse;
import io.signaldb.router.tempo.proto.QueryRangeRequest;
import io.signaldb.router.tempo.proto.QueryRangeResponse;
import io.signaldb.router.tempo.proto.SearchRequest;
import io.signaldb.router.tempo.proto.SearchResponse;
import io.signaldb.router.tempo.proto.SearchTagValuesRequest;
import io.signaldb.router.tempo.proto.SearchTagsRequest;
import io.signaldb.router.tempo.proto.StreamingQuerierGrpc;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tempo's gRPC API beside HTTP, with a Flight server in the place of a Querier. */
class StreamingQuerierTest extends RouterTestCase {
  private static final AnswerSummary SUMMARY = new AnswerSummary(7, 1234, null);
  private static final long START = 1_700_000_000_000_000_000L;
  private static final long SECOND = 1_000_000_000L;

  private static ManagedChannel channel;
  private static StreamingQuerierGrpc.StreamingQuerierBlockingStub client;

  @BeforeAll
  static void connect() {
    channel = router.grpc();
    client =
        StreamingQuerierGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(tenant("default")));
  }

  @AfterAll
  static void disconnect() {
    channel.shutdownNow();
  }

  private static Metadata tenant(String id) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("X-Scope-OrgID", Metadata.ASCII_STRING_MARSHALLER), id);
    return headers;
  }

  private static Map<String, Object> span(int trace) {
    return Map.of(
        "trace_id",
        "%032x".formatted(trace),
        "trace_start_unix_nano",
        START,
        "trace_duration_nanos",
        SECOND,
        "spanset",
        0,
        "matched",
        1,
        "span_id",
        "%016x".formatted(trace),
        "span_name",
        "GET",
        "start_time_unix_nano",
        START,
        "duration_nanos",
        SECOND);
  }

  private static <M> List<M> all(Iterator<M> messages) {
    List<M> all = new ArrayList<>();
    messages.forEachRemaining(all::add);
    return all;
  }

  @Test
  void sendsTracesBeforeTheSearchHasEnded() {
    CountDownLatch firstSeen = new CountDownLatch(1);
    querier.script(
        (ticket, reply) ->
            reply.sendEach(
                SearchResult.SCHEMA,
                List.of(
                    () -> List.of(span(1), span(2)),
                    () -> {
                      assertThat(firstSeen.await(3, TimeUnit.SECONDS)).isTrue();
                      return List.of(span(2), span(3));
                    }),
                SUMMARY));

    Iterator<SearchResponse> answers =
        client.search(SearchRequest.newBuilder().setQuery("{}").build());

    SearchResponse first = answers.next();
    firstSeen.countDown();
    List<SearchResponse> rest = all(answers);
    assertThat(first.getTracesList()).extracting("traceID").containsExactly("1");
    assertThat(first.hasMetrics()).isFalse();
    assertThat(rest.stream().flatMap(part -> part.getTracesList().stream()))
        .extracting("traceID")
        .containsExactly("2", "3");
    assertThat(rest.get(0).getTraces(0).getSpanSets(0).getSpansCount()).isEqualTo(2);
    assertThat(rest.get(rest.size() - 1).getMetrics().getInspectedBytes()).isEqualTo(1234);
  }

  @Test
  void asksWhatTheRequestSays() {
    querier.answer(SearchResult.SCHEMA, List.of());

    all(
        client.search(
            SearchRequest.newBuilder()
                .putTags("service.name", "a \"b\"")
                .setMinDurationMs(5)
                .setMaxDurationMs(7)
                .setLimit(9)
                .setSpansPerSpanSet(4)
                .setStart(10)
                .setEnd(20)
                .build()));

    assertThat(querier.takeTicket())
        .isEqualTo(
            new QueryTicket.SearchTraces(
                "default",
                "default",
                new SearchParams(
                    null, "service.name=\"a \\\"b\\\"\"", 5_000_000L, 7_000_000L, 9, 10L, 20L, 4)));
  }

  @Test
  void answersTheHealthCheckOfGrafana() {
    querier.answer(SearchResult.SCHEMA, List.of());

    List<SearchResponse> answer =
        all(client.search(SearchRequest.newBuilder().setQuery("{}").setLimit(1).build()));

    assertThat(answer).hasSize(1);
    assertThat(answer.get(0).getMetrics().getCompletedJobs()).isEqualTo(1);
  }

  @Test
  void answersTagsAndValues() {
    querier.answer(
        texts("scope", "tag"),
        List.of(
            Map.of("scope", "span", "tag", "http.route"),
            Map.of("scope", "intrinsic", "tag", "name")));
    SearchTagsRequest request =
        SearchTagsRequest.newBuilder().setQuery("{}").setMaxTagsPerScope(3).build();
    assertThat(all(client.searchTags(request)).get(0).getTagNamesList())
        .containsExactly("http.route");
    assertThat(all(client.searchTagsV2(request)).get(0).getScopesList())
        .extracting("name")
        .containsExactly("span", "intrinsic");
    assertThat(querier.takeTicket())
        .isEqualTo(new QueryTicket.Tags("default", "default", null, null, null, "{}", 3));
    querier.forgetTickets();

    querier.answer(texts("type", "value"), List.of(Map.of("type", "float", "value", "2.0")));
    SearchTagValuesRequest values =
        SearchTagValuesRequest.newBuilder().setTagName("span.x").setMaxTagValues(5).build();
    assertThat(all(client.searchTagValuesV2(values)).get(0).getTagValues(0).getType())
        .isEqualTo("float");
    assertThat(querier.takeTicket())
        .isEqualTo(new QueryTicket.TagValues("default", "default", "span.x", null, null, null, 5));
    assertThat(all(client.searchTagValues(values)).get(0).getTagValuesList())
        .containsExactly("2.0");
  }

  private static Schema texts(String... names) {
    return new Schema(
        List.of(names).stream().map(n -> Field.notNullable(n, new ArrowType.Utf8())).toList());
  }

  @Test
  void answersMetrics() {
    querier.answer(MetricsResult.SCHEMA, MetricsApiTest.series());

    List<QueryRangeResponse> range =
        all(
            client.metricsQueryRange(
                QueryRangeRequest.newBuilder()
                    .setQuery("{}|rate()")
                    .setStart(START)
                    .setEnd(START + 20 * SECOND)
                    .setStep(10 * SECOND)
                    .setExemplars(3)
                    .build()));
    assertThat(querier.takeTicket())
        .isEqualTo(
            new QueryTicket.QueryRange(
                "default",
                "default",
                "{}|rate()",
                new TimeSteps(START - 10 * SECOND, START + 20 * SECOND, 10 * SECOND),
                3,
                null));
    assertThat(range.get(0).getSeriesList()).hasSize(2);
    assertThat(range.get(0).getSeries(0).getSamples(0).getValue()).isEqualTo(1.5);
    assertThat(range.get(range.size() - 1).getMetrics().getInspectedSpans()).isEqualTo(7);

    List<QueryInstantResponse> instant =
        all(
            client.metricsQueryInstant(
                QueryInstantRequest.newBuilder()
                    .setQuery("{}|rate()")
                    .setStart(START)
                    .setEnd(START + SECOND)
                    .build()));
    assertThat(instant.get(0).getSeries(0).getLabels(0).getKey())
        .isEqualTo("resource.service.name");
  }

  @Test
  void divides10000SeriesIntoMessagesThatClientsTake() {
    List<Map<String, Object>> many = Collections.nCopies(10_000, bigSeries());
    querier.answer(MetricsResult.SCHEMA, many);

    List<QueryRangeResponse> answers =
        all(client.metricsQueryRange(QueryRangeRequest.newBuilder().setQuery("{}").build()));

    assertThat(answers.stream().mapToInt(QueryRangeResponse::getSeriesCount).sum())
        .isEqualTo(10_000);
    assertThat(answers)
        .hasSizeGreaterThan(2)
        .allSatisfy(part -> assertThat(part.getSerializedSize()).isLessThan(2 << 20));
  }

  private static Map<String, Object> bigSeries() {
    return Map.of(
        "labels",
        List.of(Map.of("key", "name", "string", "x".repeat(500))),
        "samples",
        List.of(Map.of("timestamp_ms", 1L, "value", 1.0)),
        "exemplars",
        List.of());
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID_ARGUMENT, INVALID_ARGUMENT",
    "UNAVAILABLE, UNAVAILABLE",
    "RESOURCE_EXHAUSTED, RESOURCE_EXHAUSTED",
    "DEADLINE_EXCEEDED, DEADLINE_EXCEEDED"
  })
  void passesErrorsOfTheQuerier(ErrorCode code, Status.Code status) {
    querier.fail(new SignalDbException(code, "that did not work"));

    StatusRuntimeException e =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> all(client.search(SearchRequest.newBuilder().setQuery("{").build())));

    assertThat(e.getStatus().getCode()).isEqualTo(status);
    assertThat(e.getStatus().getDescription()).contains("that did not work");
  }

  @Test
  void refusesBadParameters() {
    StatusRuntimeException e =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> all(client.search(SearchRequest.newBuilder().setSpansPerSpanSet(101).build())));

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(e.getStatus().getDescription()).contains("spss '101'");
    assertThat(querier.takeTicket()).isNull();
  }

  @Test
  void refusesAnotherTenantWhileAuthenticationIsOff() {
    var foreign =
        StreamingQuerierGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(tenant("acme")));

    StatusRuntimeException e =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> all(foreign.search(SearchRequest.getDefaultInstance())));

    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(e.getStatus().getDescription()).contains("acme");
  }

  @Test
  void cancelsTheQueryOfAClientThatCancels() throws Exception {
    querier.script((ticket, reply) -> reply.hang(SearchResult.SCHEMA));
    CancellingObserver observer = new CancellingObserver();

    StreamingQuerierGrpc.newStub(channel).search(SearchRequest.getDefaultInstance(), observer);
    QueryTicket asked = null;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
    while (asked == null && System.nanoTime() < deadline) {
      asked = querier.takeTicket();
      Thread.onSpinWait();
    }
    assertThat(asked).isNotNull();
    observer.call.cancel("enough", null);

    assertThat(querier.cancelled().tryAcquire(2, TimeUnit.SECONDS)).isTrue();
  }

  /** Holds on to its call. */
  private static final class CancellingObserver
      implements ClientResponseObserver<SearchRequest, SearchResponse> {
    private ClientCallStreamObserver<SearchRequest> call;

    @Override
    public void beforeStart(ClientCallStreamObserver<SearchRequest> stream) {
      call = stream;
    }

    @Override
    public void onNext(SearchResponse response) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
