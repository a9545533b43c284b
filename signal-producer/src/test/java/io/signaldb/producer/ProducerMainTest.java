package io.signaldb.producer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProducerMainTest {
  @Test
  void sendsWholeTracesAcrossServices() throws Exception {
    try (OtlpSink sink = new OtlpSink(200)) {
      int status = produce(sink, "--traces", "500", "--seed", "7");

      assertThat(status).isZero();
      List<Span> spans = spans(sink);
      Map<ByteString, Span> byId =
          spans.stream().collect(Collectors.toMap(Span::getSpanId, Function.identity()));
      assertThat(spans.stream().map(Span::getTraceId).distinct()).hasSize(500);
      assertThat(spans.stream().filter(span -> span.getParentSpanId().isEmpty())).hasSize(500);
      assertThat(services(sink)).containsExactlyInAnyOrderElementsOf(Shop.SERVICES);
      for (Span span : spans) {
        if (!span.getParentSpanId().isEmpty()) {
          Span parent = byId.get(span.getParentSpanId());
          assertThat(parent).isNotNull();
          assertThat(parent.getTraceId()).isEqualTo(span.getTraceId());
          assertThat(span.getStartTimeUnixNano())
              .isGreaterThanOrEqualTo(parent.getStartTimeUnixNano());
          assertThat(span.getEndTimeUnixNano()).isLessThanOrEqualTo(parent.getEndTimeUnixNano());
        }
      }
    }
  }

  @Test
  void reportsFailuresUpToTheRootAndLinksWhatAMessageCaused() throws Exception {
    try (OtlpSink sink = new OtlpSink(200)) {
      produce(sink, "--traces", "500", "--seed", "7");

      List<Span> spans = spans(sink);
      Map<ByteString, Span> byId =
          spans.stream().collect(Collectors.toMap(Span::getSpanId, Function.identity()));
      List<Span> failed = spans.stream().filter(ProducerMainTest::failed).toList();
      assertThat(failed).isNotEmpty();
      assertThat(failed).anyMatch(span -> span.getEventsCount() == 1);
      assertThat(failed)
          .allMatch(
              span -> span.getParentSpanId().isEmpty() || failed(byId.get(span.getParentSpanId())));
      List<Span> consumers =
          spans.stream()
              .filter(span -> span.getKind() == Span.SpanKind.SPAN_KIND_CONSUMER)
              .toList();
      assertThat(consumers).isNotEmpty();
      assertThat(consumers)
          .allSatisfy(
              span ->
                  assertThat(byId.get(span.getLinks(0).getSpanId()).getKind())
                      .isEqualTo(Span.SpanKind.SPAN_KIND_PRODUCER));
    }
  }

  @Test
  void leavesOutTheServicesASmallerShopDoesNotHave() throws Exception {
    try (OtlpSink sink = new OtlpSink(200)) {
      produce(sink, "--traces", "200", "--services", "3");

      assertThat(services(sink)).containsExactlyInAnyOrder("frontend", "catalog", "cart");
    }
  }

  @Test
  void failsWhenTheEndpointRefuses() throws Exception {
    try (OtlpSink sink = new OtlpSink(400)) {
      assertThat(produce(sink, "--traces", "3")).isEqualTo(1);
    }
  }

  @Test
  void correlatesLogsWithTheSpansTheyAreWrittenIn() throws Exception {
    try (OtlpSink sink = new OtlpSink(200)) {
      assertThat(produce(sink, "--traces", "200", "--signals", "traces,logs")).isZero();

      List<ByteString> spanIds = spans(sink).stream().map(Span::getSpanId).toList();
      assertThat(sink.logs()).isNotEmpty();
      assertThat(sink.logs()).allMatch(log -> spanIds.contains(log.getSpanId()));
      assertThat(sink.metrics()).isEmpty();
    }
  }

  @Test
  void sendsMetricsOfAllKindsWithExemplars() throws Exception {
    try (OtlpSink sink = new OtlpSink(200)) {
      assertThat(produce(sink, "--traces", "50", "--signals", "metrics")).isZero();

      assertThat(sink.received()).isEmpty();
      assertThat(sink.metrics().stream().map(Metric::getDataCase).distinct())
          .containsExactlyInAnyOrder(
              Metric.DataCase.GAUGE,
              Metric.DataCase.SUM,
              Metric.DataCase.HISTOGRAM,
              Metric.DataCase.EXPONENTIAL_HISTOGRAM,
              Metric.DataCase.SUMMARY);
      assertThat(sink.metrics())
          .filteredOn(Metric::hasHistogram)
          .allMatch(metric -> metric.getHistogram().getDataPoints(0).getExemplarsCount() > 0);
    }
  }

  @Test
  void sendsTheApiKey() throws Exception {
    try (OtlpSink sink = new OtlpSink(200)) {
      produce(sink, "--traces", "1", "--api-key", "k1");

      assertThat(sink.authorizations()).containsExactly("Bearer k1");
    }
  }

  @Test
  void answersItsQuestions() throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (OtlpSink sink = new OtlpSink(200)) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      produce(sink, "--traces", "200", "--questions", "http://localhost:3000/tempo");

      long orders =
          spans(sink).stream().filter(span -> span.getName().equals("POST /orders")).count();
      assertThat(printed.toString(StandardCharsets.UTF_8))
          .contains("# orders placed: " + orders + System.lineSeparator())
          .contains("curl -sG http://localhost:3000/tempo/api/search");
    } finally {
      System.setOut(out);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--signals, profiles, TRACES",
    "--services, 13, 1 to 12",
    "--rate, -1, 0 to 1000000",
    "--traces, 0, a number above 0",
    "--duration, soon, such as 30s",
    "--endpoint, localhost, a URL such as http://localhost:4317",
    "--compression, lz4, none or gzip"
  })
  void namesTheWrongValueAndWhatWasExpected(String option, String value, String expected) {
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try {
      System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));

      assertThat(ProducerMain.run(option, value)).isEqualTo(2);
    } finally {
      System.setErr(err);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains(option)
        .contains("'" + value)
        .contains(expected);
  }

  private static int produce(OtlpSink sink, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of("--protocol", "http", "--endpoint", sink.endpoint(), "--rate", "0"));
    arguments.addAll(List.of(options));
    return ProducerMain.run(arguments.toArray(String[]::new));
  }

  private static boolean failed(Span span) {
    return span.getStatus().getCode() == StatusCode.STATUS_CODE_ERROR;
  }

  private static List<Span> spans(OtlpSink sink) {
    return sink.received().stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  private static List<String> services(OtlpSink sink) {
    return sink.received().stream()
        .map(ResourceSpans::getResource)
        .flatMap(resource -> resource.getAttributesList().stream())
        .filter(attribute -> attribute.getKey().equals("service.name"))
        .map(attribute -> attribute.getValue().getStringValue())
        .distinct()
        .toList();
  }
}
