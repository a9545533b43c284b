package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.signaldb.common.flight.TimeSteps;
import io.signaldb.producer.ProducerMain;
import io.signaldb.querier.DocumentedQueries;
import io.signaldb.querier.ReferenceAnswers;
import io.signaldb.querier.TestSpan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Documented example queries, asked of a server that has the spans of signal-producer, of
 * telemetrygen where it is installed, and those the examples are about, find what the reference
 * evaluator finds in the very requests that were sent. Prints both in a table, which is also in
 * {@code target/documented-queries.txt}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DocumentedQueriesIT {
  private static final Duration STEP = Duration.ofSeconds(5);
  private static final int MAX_LIMIT = 262_144;

  /** Of the same kinds as those documented, about the shop that signal-producer plays. */
  private static final List<String> ABOUT_THE_SHOP =
      List.of(
          "{ status = error }",
          "{ resource.service.name = \"checkout\" && kind = server }",
          "{ span.http.response.status_code >= 500 }",
          "{ span.http.request.method =~ \"POST|PUT\" && span.http.route != \"/orders\" }",
          "{ span.db.system.name = nil && kind = client }",
          "{ event:name = \"exception\" && event.exception.type =~ \".*Timeout.*\" }",
          "{ event:timeSinceStart > 1ms }",
          "{ link.messaging.message.id = \"m-1\" }",
          "{ trace:rootService = \"frontend\" && trace:duration > 100ms }",
          "{ name = \"POST /orders\" } >> { resource.service.name = \"payment\" }",
          "{ resource.service.name = \"payment\" } << { kind = server }",
          "{ kind = client } !> { status = error }",
          "{ kind = client } ~ { kind = producer }",
          "{ status = error } &> { kind = server }",
          "{ parent.resource.service.name = \"frontend\" && kind = server }",
          "{ span:childCount > 2 } | count() = 1",
          "{ kind = client } | avg(duration) > 20ms",
          "{ } | by(resource.service.name) | max(duration) > 50ms",
          "({ status = error } | count()) > ({ kind = producer } | count())",
          "{ instrumentation:name = \"io.signaldb.producer\" } | count() > 10");

  private static final List<String> METRICS_ABOUT_THE_SHOP =
      List.of(
          "{ kind = server } | rate() by (resource.service.name)",
          "{ } | count_over_time() by (span.http.response.status_code, kind)",
          "{ kind = server } | quantile_over_time(duration, .5, .95) by (resource.service.name)",
          "{ kind = client } | histogram_over_time(duration)",
          "{ } | avg_over_time(span.cache.age_seconds)",
          "{ name = \"POST /orders\" } >> { status = error } | count_over_time() by (name)",
          "{ kind = server } | compare({ status = error })");

  private final List<String> table = new ArrayList<>();
  private SignalDbProcess server;
  private Tempo tempo;
  private ReferenceAnswers reference;
  private long firstStart;
  private long lastStart;

  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    server =
        SignalDbProcess.start(
            directory,
            Map.of(
                "SIGNALDB_WRITER_COMMIT_MAX_AGE",
                "2s",
                "SIGNALDB_ROUTER_METRICS_END_CUTOFF",
                "0s"));
    tempo = new Tempo(server);
    List<TestSpan> sent = new ArrayList<>();
    try (RecordingOtlp otlp = new RecordingOtlp(server)) {
      String endpoint = "http://127.0.0.1:" + otlp.port();
      String[] shop = {"--endpoint", endpoint, "--seed", "4", "--traces", "300", "--rate", "300"};
      assertThat(ProducerMain.run(shop)).isZero();
      Optional<Path> telemetrygen = Programs.onPath("telemetrygen");
      if (telemetrygen.isPresent()) {
        generate(telemetrygen.get(), otlp.port(), directory);
      }
      table.add("telemetrygen: " + (telemetrygen.isPresent() ? "yes" : "not installed"));
      otlp.accepted().forEach(request -> sent.addAll(ReferenceSpans.of(request)));
    }
    long shift = Spans.nanos(Instant.now().minusSeconds(120)) - TestSpan.NOON;
    List<TestSpan> documented =
        DocumentedQueries.spans().stream().map(span -> span.shiftedBy(shift)).toList();
    try (OtlpGrpc otlp = new OtlpGrpc(server)) {
      assertThat(otlp.send(ReferenceSpans.request(documented)).hasPartialSuccess()).isFalse();
    }
    sent.addAll(documented);
    firstStart = sent.stream().mapToLong(TestSpan::startUnixNano).min().orElseThrow();
    lastStart = sent.stream().mapToLong(TestSpan::startUnixNano).max().orElseThrow();
    long traces = sent.stream().map(TestSpan::traceId).distinct().count();
    table.add("%d spans of %d traces".formatted(sent.size(), traces));
    reference = new ReferenceAnswers(sent);
  }

  private static void generate(Path telemetrygen, int port, Path directory) throws Exception {
    Path log = directory.resolve("telemetrygen.log");
    Process process =
        new ProcessBuilder(
                telemetrygen.toString(),
                "traces",
                "--otlp-insecure",
                "--otlp-endpoint",
                "127.0.0.1:" + port,
                "--traces",
                "40",
                "--rate",
                "0",
                "--child-spans",
                "3",
                "--span-links",
                "1",
                "--status-code",
                "Error",
                "--telemetry-attributes",
                "http.status_code=503")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
  }

  @AfterAll
  void close() throws IOException {
    server.close();
    table.forEach(System.out::println);
    Files.write(Path.of("target/documented-queries.txt"), table);
  }

  @Test
  void findsTheTracesAndSpansThatTheReferenceFinds() {
    List<String> differences = new ArrayList<>();
    table.add("%n%-100s %7s %7s   %s".formatted("query", "traces", "spans", "reference"));
    Stream.concat(
            DocumentedQueries.searches().stream().map(DocumentedQueries.Search::q),
            ABOUT_THE_SHOP.stream())
        .forEach(
            q -> {
              Map<String, List<Integer>> found = search(q);
              Map<String, List<Integer>> expected = reference.search(q);
              row(q, found.size(), spans(found), expected.size(), spans(expected));
              if (!found.equals(expected)) {
                differences.add("%s: found %s but expected %s".formatted(q, found, expected));
              }
            });
    assertThat(differences).isEmpty();
  }

  /** Numbers of spans of each span set by trace id. */
  private Map<String, List<Integer>> search(String q) {
    Http.Reply reply = tempo.search(q, "&spss=1&limit=" + MAX_LIMIT);
    assertThat(reply.status()).as("%s: %s", q, reply).isEqualTo(200);
    Map<String, List<Integer>> found = new TreeMap<>();
    for (JsonNode trace : reply.json().path("traces")) {
      String id = trace.path("traceID").asText();
      List<Integer> matched = new ArrayList<>();
      trace.path("spanSets").forEach(set -> matched.add(set.path("matched").asInt()));
      found.put("0".repeat(32 - id.length()) + id, matched);
    }
    return found;
  }

  private static int spans(Map<String, List<Integer>> found) {
    return found.values().stream().flatMap(List::stream).mapToInt(count -> count).sum();
  }

  private void row(String q, int traces, int spans, int expectedTraces, int expectedSpans) {
    table.add("%-100s %7d %7d   %d, %d".formatted(q, traces, spans, expectedTraces, expectedSpans));
  }

  @Test
  void computesTheSeriesThatTheReferenceComputes() {
    TimeSteps steps = steps();
    List<String> differences = new ArrayList<>();
    table.add("%n%-100s %7s %12s   %s".formatted("query", "series", "total", "reference"));
    Stream.of(DocumentedQueries.metrics(), METRICS_ABOUT_THE_SHOP, ofOurDocumentation())
        .flatMap(List::stream)
        .forEach(
            q -> {
              Map<String, double[]> found = series(q, steps);
              Map<String, double[]> expected = reference.series(q, steps);
              table.add(
                  String.format(
                      Locale.ROOT,
                      "%-100s %7d %12.4f   %d, %.4f",
                      q,
                      found.size(),
                      total(found),
                      expected.size(),
                      total(expected)));
              double share = q.contains("quantile") ? 0.011 : 1e-9;
              differences.addAll(differences(q, found, expected, share));
            });
    assertThat(differences).isEmpty();
  }

  /**
   * The queries in docs/grafana.md: in tables, where bars are escaped, and on lines of their own.
   */
  private static List<String> ofOurDocumentation() {
    try {
      String text =
          Files.readString(Path.of(System.getProperty("signaldb.root"), "docs", "grafana.md"));
      List<String> queries =
          Pattern.compile("`(\\{ [^`]+)`|^(\\{ .+)$", Pattern.MULTILINE)
              .matcher(text)
              .results()
              .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
              .map(query -> query.replace("\\|", "|"))
              .toList();
      assertThat(queries).as("queries in docs/grafana.md").hasSizeGreaterThan(5);
      return queries;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whole steps over all spans, the last of which must be over: no query looks ahead. */
  private TimeSteps steps() {
    long step = STEP.toNanos();
    long end = (lastStart / step + 1) * step;
    Await.until(
        STEP.multipliedBy(2),
        () -> Spans.nanos(Instant.now()) > end,
        () -> "the clock has not reached " + end);
    return new TimeSteps((firstStart / step - 1) * step, end, step);
  }

  /** Values by labels, zero where there is none: the answer leaves zeros out. */
  private Map<String, double[]> series(String q, TimeSteps steps) {
    Http.Reply reply =
        tempo.get(
            "/metrics/query_range?q=%s&start=%d&end=%d&step=%ds"
                .formatted(
                    URLEncoder.encode(q, StandardCharsets.UTF_8),
                    (steps.startUnixNano() + steps.stepNanos()) / TestSpan.SECOND,
                    steps.endUnixNano() / TestSpan.SECOND,
                    STEP.toSeconds()));
    assertThat(reply.status()).as("%s: %s", q, reply).isEqualTo(200);
    Map<String, double[]> series = new TreeMap<>();
    for (JsonNode one : reply.json().path("series")) {
      List<String> labels = new ArrayList<>();
      for (JsonNode label : one.path("labels")) {
        labels.add(
            label.path("key").asText() + "=" + label.path("value").elements().next().asText());
      }
      double[] values = new double[steps.count()];
      for (JsonNode sample : one.path("samples")) {
        long unixNano = TimeUnit.MILLISECONDS.toNanos(sample.path("timestampMs").asLong());
        values[steps.indexOf(unixNano)] = sample.path("value").asDouble();
      }
      assertThat(series.put(String.join(", ", labels), values)).as("%s: %s", q, labels).isNull();
    }
    return series;
  }

  private static double total(Map<String, double[]> series) {
    return series.values().stream()
        .flatMapToDouble(Arrays::stream)
        .filter(value -> !Double.isNaN(value))
        .sum();
  }

  private static List<String> differences(
      String q, Map<String, double[]> found, Map<String, double[]> expected, double share) {
    List<String> differences = new ArrayList<>();
    if (!found.keySet().equals(expected.keySet())) {
      differences.add(
          "%s: found series %s but expected %s".formatted(q, found.keySet(), expected.keySet()));
      return differences;
    }
    expected.forEach(
        (labels, values) -> {
          double[] others = found.get(labels);
          for (int step = 0; step < values.length; step++) {
            double value = Double.isNaN(values[step]) ? 0 : values[step];
            if (Math.abs(value - others[step]) > share * Math.abs(value)) {
              differences.add(
                  "%s {%s} step %d: found %s but expected %s"
                      .formatted(q, labels, step, others[step], value));
            }
          }
        });
    return differences.stream().sorted(Comparator.naturalOrder()).limit(5).toList();
  }
}
