package io.signaldb.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.AnswerSummary;
import io.signaldb.common.flight.MetricsResult;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.TimeSteps;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metrics over HTTP, with a Flight server in the place of a Querier. */
class MetricsApiTest extends RouterTestCase {
  private static final String QUERY = "?q=%7B%7D%7Crate()&start=1700000000&end=1700000020&step=10";

  /** One series of every type of label, and one without samples. */
  static List<Map<String, Object>> series() {
    return List.of(
        Map.of(
            "labels",
            List.of(
                Map.of("key", "resource.service.name", "string", "shop"),
                Map.of("key", "status", "int", 500),
                Map.of("key", "p", "double", 0.5),
                Map.of("key", "cached", "bool", true),
                Map.of("key", "span.missing")),
            "samples",
            List.of(
                Map.of("timestamp_ms", 1_700_000_000_000L, "value", 1.5),
                Map.of("timestamp_ms", 1_700_000_010_000L, "value", 0.0)),
            "exemplars",
            List.of(
                Map.of(
                    "timestamp_ms",
                    1_700_000_000_123L,
                    "value",
                    0.25,
                    "labels",
                    List.of(Map.of("key", "trace:id", "string", "abc"))))),
        Map.of(
            "labels",
            List.of(Map.of("key", "__name__", "string", "rate")),
            "samples",
            List.of(),
            "exemplars",
            List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/metrics/query_range", "/tempo/api/metrics/query_range"})
  void answersSeries(String path) throws Exception {
    querier.answer(MetricsResult.SCHEMA, series());

    HttpResponse<byte[]> response = get(path + QUERY, "Accept", "application/protobuf");

    assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
    assertThat(JSON.readTree(response.body()))
        .isEqualTo(
            JSON.readTree(
                """
                {"series":[
                  {"labels":[
                     {"key":"resource.service.name","value":{"stringValue":"shop"}},
                     {"key":"status","value":{"intValue":"500"}},
                     {"key":"p","value":{"doubleValue":0.5}},
                     {"key":"cached","value":{"boolValue":true}},
                     {"key":"span.missing","value":{"stringValue":"nil"}}],
                   "samples":[
                     {"timestampMs":"1700000000000","value":1.5},
                     {"timestampMs":"1700000010000"}],
                   "exemplars":[
                     {"timestampMs":"1700000000123","value":0.25,
                      "labels":[{"key":"trace:id","value":{"stringValue":"abc"}}]}]},
                  {"labels":[{"key":"__name__","value":{"stringValue":"rate"}}]}],
                 "metrics":{"inspectedBytes":"1234","inspectedSpans":"7",
                   "totalJobs":1,"completedJobs":1}}"""));
    assertThat(querier.takeTicket())
        .isEqualTo(
            new QueryTicket.QueryRange(
                "default",
                "default",
                "{}|rate()",
                new TimeSteps(
                    1_699_999_990_000_000_000L, 1_700_000_020_000_000_000L, 10_000_000_000L),
                null,
                null));
  }

  @Test
  void answersInstantQueries() throws Exception {
    querier.answer(MetricsResult.SCHEMA, series());

    JsonNode answer =
        JSON.readTree(
            get("/tempo/api/metrics/query?q=%7B%7D%7Crate()&start=1700000000&end=1700000007")
                .body());

    assertThat(answer.at("/series/0/value").asDouble()).isZero();
    assertThat(answer.at("/series/0/labels/0/value/stringValue").asText()).isEqualTo("shop");
    assertThat(answer.at("/series/0").has("samples")).isFalse();
    assertThat(querier.takeTicket())
        .isEqualTo(
            new QueryTicket.QueryInstant(
                "default",
                "default",
                "{}|rate()",
                TimeSteps.one(1_700_000_000_000_000_000L, 1_700_000_007_000_000_000L),
                null));
  }

  @Test
  void answersAnEmptyListOfSeries() throws Exception {
    querier.answer(MetricsResult.SCHEMA, List.of());

    JsonNode answer = JSON.readTree(get("/api/metrics/query_range" + QUERY).body());

    assertThat(answer.path("series").isArray()).isTrue();
    assertThat(answer.path("series")).isEmpty();
  }

  @Test
  void tellsThatSeriesAreIncomplete() throws Exception {
    querier.answer(MetricsResult.SCHEMA, series(), new AnswerSummary(0, 0, "Writer w is away"));

    HttpResponse<byte[]> response = get("/api/metrics/query_range" + QUERY);

    JsonNode answer = JSON.readTree(response.body());
    assertThat(answer.path("status").asText()).isEqualTo("PARTIAL");
    assertThat(answer.path("message").asText()).isEqualTo("Writer w is away");
    assertThat(response.headers().firstValue("x-signaldb-incomplete")).contains("Writer w is away");
  }

  @Test
  void passesErrorsOfTheQuerier() throws Exception {
    querier.fail(new SignalDbException(ErrorCode.INVALID_ARGUMENT, "not a metrics query"));

    HttpResponse<byte[]> response = get("/tempo/api/metrics/query_range" + QUERY);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(text(response)).isEqualTo("not a metrics query\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/metrics/query_range",
        "/tempo/api/metrics/query?start=1&end=2",
        "/api/metrics/query_range?q=%7B%7D&step=0",
        "/api/metrics/query_range?q=%7B%7D&start=1700000000&end=1702592000&step=1ns",
        "/api/metrics/query?q=%7B%7D&start=5&end=4",
      })
  void refusesBadParameters(String path) throws Exception {
    HttpResponse<byte[]> response = get(path);

    assertThat(response.statusCode()).as(text(response)).isEqualTo(400);
    assertThat(text(response)).containsAnyOf("expected", "greater");
    assertThat(querier.takeTicket()).isNull();
  }
}
