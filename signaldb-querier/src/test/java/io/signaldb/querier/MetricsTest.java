package io.signaldb.querier;

import static io.signaldb.querier.TestSpan.NOON;
import static io.signaldb.querier.TestSpan.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.TimeSteps;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Metrics over spans in two files and in a Writer, some of them stored more than once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsTest {
  /** Three intervals of ten seconds, the first one ending at noon. */
  private static final TimeSteps STEPS =
      new TimeSteps(NOON - 10 * SECOND, NOON + 20 * SECOND, 10 * SECOND);

  private QuerierFixture querier;

  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of("querier.max_series", "40"));
    FakeWriter writer = querier.writer();
    TestSpan cart =
        TestSpan.root("a1", "1", 0)
            .with("size", 3L)
            .with("http.route", "/cart")
            .withResource("zone", "eu");
    TestSpan charge =
        TestSpan.root("a1", "2", 1)
            .childOf(cart)
            .of("pay")
            .kind(3)
            .lasting(SECOND / 50)
            .failed("declined")
            .with("size", 1.5);
    TestSpan order =
        TestSpan.root("b2", "3", 10)
            .named("POST /order")
            .lasting(2 * SECOND)
            .with("list", new TestSpan.Json("{\"arrayValue\":{\"values\":[{\"intValue\":\"7\"}]}}"))
            .with("empty", new TestSpan.Json("{}"));
    TestSpan select =
        TestSpan.root("b2", "4", 11).childOf(order).of("db").with("size", "large").lasting(0);
    TestSpan last = TestSpan.root("c3", "5", 20).with("size", Double.NaN).lasting(3 * SECOND);
    writer.hold(cart, charge);
    writer.commit();
    writer.hold(order, cart, TestSpan.root("d4", "6", 21), TestSpan.root("d4", "7", -10));
    writer.commit();
    // the copies: of a committed span, of one in the same batch; the other kind is another span
    writer.hold(charge, select, select, last, last.kind(3));
  }

  @AfterAll
  void close() {
    querier.close();
  }

  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "{} | count_over_time(); __name__=count_over_time: 1 2 3",
        "{} | rate(); __name__=rate: 0.1 0.2 0.3",
        "{ name = `nowhere` } | rate(); __name__=rate: 0 0 0",
        "{ name = `nowhere` } | rate() by (name); ''",
        "{ false } | count_over_time(); __name__=count_over_time: 0 0 0",
        "{ name = `nowhere` } | max_over_time(duration); ''",
        "{ name = `nowhere` } | histogram_over_time(duration); ''",
        "{ name = `nowhere` } | quantile_over_time(duration, .5); ''",
        "{} | count_over_time() by (resource.service.name);"
            + " resource.service.name=db: 0 0 1 | resource.service.name=pay: 0 1 0"
            + " | resource.service.name=shop: 1 1 2",
        "{} | count_over_time() by (span.http.route);"
            + " span.http.route=/cart: 1 0 0 | span.http.route=nil: 0 2 3",
        "{} | count_over_time() by (.size, kind);"
            + " .size=1.5, kind=client: 0 1 0 | .size=3, kind=server: 1 0 0"
            + " | .size=NaN, kind=client: 0 0 1 | .size=NaN, kind=server: 0 0 1"
            + " | .size=large, kind=server: 0 0 1 | .size=nil, kind=server: 0 1 0",
        "{} | count_over_time() by (status); status=error: 0 1 0 | status=unset: 1 1 3",
        "{} | count_over_time() by (.zone); .zone=eu: 1 0 0 | .zone=nil: 0 2 3",
        "{} | count_over_time() by (name);" + " name=GET /: 1 1 3 | name=POST /order: 0 1 0",
        "{} | count_over_time() by (rootName);"
            + " rootName=GET /: 1 1 2 | rootName=POST /order: 0 1 1",
        "{} | count_over_time() by (.list); .list=[7]: 0 1 0 | .list=nil: 1 1 3",
        "{} | count_over_time() by (.empty); .empty=nil: 1 2 3",
        "{ .list = 7 } | count_over_time(); __name__=count_over_time: 0 1 0",
        "{ kind = client } | count_over_time() by (duration, statusMessage);"
            + " duration=20ms, statusMessage=declined: 0 1 0"
            + " | duration=3s, statusMessage=: 0 0 1",
        "{ kind = client } | count_over_time() by (instrumentation:name, event:name);"
            + " instrumentation:name=, event:name=nil: 0 1 1",
        // where two spans share an id, as Zipkin's do, the client's is the parent
        "{} | count_over_time() by (parent.resource.service.name);"
            + " parent.resource.service.name=nil: 1 1 1"
            + " | parent.resource.service.name=shop: 0 1 2",
        "{ kind = client } | count_over_time() by (trace:id);"
            + " trace:id=000000000000000000000000000000a1: 0 1 0"
            + " | trace:id=000000000000000000000000000000c3: 0 0 1",
        "{} | min_over_time(duration); __name__=min_over_time: 0.1 0.02 0",
        "{} | max_over_time(duration); __name__=max_over_time: 0.1 2 3",
        "{} | sum_over_time(duration); __name__=sum_over_time: 0.1 2.02 6",
        "{} | avg_over_time(duration); __name__=avg_over_time: 0.1 1.01 2",
        "{} | sum_over_time(.size); __name__=sum_over_time: 3 1.5 _",
        "{} | max_over_time(span.size) by (resource.service.name);"
            + " resource.service.name=pay: _ 1.5 _ | resource.service.name=shop: 3 _ _",
        "{} | max_over_time(resource.size); ''",
        "{} | quantile_over_time(duration, 0, .5, 1);"
            + " p=0.0: 0.1 0.02 0 | p=0.5: 0.1 0.02 3 | p=1.0: 0.1 2 3",
        "{} | quantile_over_time(duration, .9) by (kind);"
            + " kind=client, p=0.9: _ 0.02 3 | kind=server, p=0.9: 0.1 2 3",
        "{} | histogram_over_time(duration);"
            + " __bucket=0.0: 0 0 1 | __bucket=0.033554432: 0 1 0"
            + " | __bucket=0.134217728: 1 0 0 | __bucket=2.147483648: 0 1 0"
            + " | __bucket=4.294967296: 0 0 2",
        "{} | histogram_over_time(.size); __bucket=2.0: 0 1 0 | __bucket=4.0: 1 0 0",
        "{ kind = server } && { status = error } | count_over_time();"
            + " __name__=count_over_time: 1 1 0",
        "{ kind = server } > { kind = client } | count_over_time() by (name);"
            + " name=GET /: 0 1 0",
        "{} | by(name) | count() > 1 | count_over_time(); __name__=count_over_time: 1 1 2",
        "{} | select(.size) | count_over_time(); __name__=count_over_time: 1 2 3",
        "{} | count_over_time() by (resource.service.name) | topk(1);"
            + " resource.service.name=pay: _ 1 _ | resource.service.name=shop: 1 _ 2",
        "{} | count_over_time() by (resource.service.name) | bottomk(1);"
            + " resource.service.name=db: 0 0 _ | resource.service.name=pay: _ _ 0",
        "{} | count_over_time() > 1; __name__=count_over_time: _ 2 3",
        "{} | max_over_time(duration) > 100ms; __name__=max_over_time: _ 2 3",
        "({ status = error } | rate()) / ({} | rate()); __name__=rate: 0 0.5 0",
        "({ kind = client } | count_over_time() by (status)) * 10; status=error: 0 10 0"
            + " | status=unset: 0 0 10",
        "{} | rate() with (sample=true); __name__=rate: 0.1 0.2 0.3",
        "{} | count_over_time() by (span:id) | topk(1);"
            + " span:id=0000000000000001: 1 _ _ | span:id=0000000000000002: _ 1 _"
            + " | span:id=0000000000000005: _ _ 2",
      })
  void makesSeries(String q, String series) throws Exception {
    List<String> expected = series.isEmpty() ? List.of() : List.of(series.split(" \\| "));
    assertThat(MetricsAnswer.lines(querier, q, STEPS)).isEqualTo(expected);
  }

  @Test
  void comparesSelectedSpansWithTheOthers() throws Exception {
    assertThat(
            MetricsAnswer.lines(
                querier,
                "{ resource.service.name != `db` } | compare({ status = error }, 1)",
                STEPS))
        .containsExactly(
            "__meta_type=baseline, kind=server: 1 1 1",
            "__meta_type=baseline, name=GET /: 1 0 2",
            "__meta_type=baseline, resource.service.name=shop: 1 1 2",
            "__meta_type=baseline, resource.zone=eu: 1 0 0",
            "__meta_type=baseline, span.http.route=/cart: 1 0 0",
            "__meta_type=baseline, span.list=[7]: 0 1 0",
            "__meta_type=baseline, span.size=NaN: 0 0 2",
            "__meta_type=baseline, status=unset: 1 1 2",
            "__meta_type=baseline_total, kind=nil: 1 1 2",
            "__meta_type=baseline_total, name=nil: 1 1 2",
            "__meta_type=baseline_total, resource.service.name=nil: 1 1 2",
            "__meta_type=baseline_total, resource.zone=nil: 1 0 0",
            "__meta_type=baseline_total, span.http.route=nil: 1 0 0",
            "__meta_type=baseline_total, span.list=nil: 0 1 0",
            "__meta_type=baseline_total, span.size=nil: 1 0 2",
            "__meta_type=baseline_total, status=nil: 1 1 2",
            "__meta_type=selection, kind=client: 0 1 0",
            "__meta_type=selection, name=GET /: 0 1 0",
            "__meta_type=selection, resource.service.name=pay: 0 1 0",
            "__meta_type=selection, span.size=1.5: 0 1 0",
            "__meta_type=selection, status=error: 0 1 0",
            "__meta_type=selection, statusMessage=declined: 0 1 0",
            "__meta_type=selection_total, kind=nil: 0 1 0",
            "__meta_type=selection_total, name=nil: 0 1 0",
            "__meta_type=selection_total, resource.service.name=nil: 0 1 0",
            "__meta_type=selection_total, span.size=nil: 0 1 0",
            "__meta_type=selection_total, status=nil: 0 1 0",
            "__meta_type=selection_total, statusMessage=nil: 0 1 0");
  }

  @Test
  void selectsOnlyWithinTheWindowOfAComparison() throws Exception {
    long start = NOON + 10 * SECOND;
    assertThat(
            MetricsAnswer.lines(
                querier,
                "{} | compare({ name =~ `GET.*` }, 5, %d, %d)".formatted(start, start + SECOND + 1),
                STEPS))
        .contains(
            "__meta_type=selection, resource.service.name=db: 0 0 1",
            "__meta_type=selection_total, name=nil: 0 0 1",
            "__meta_type=baseline, name=GET /: 1 1 2",
            "__meta_type=baseline, name=POST /order: 0 1 0");
  }

  @Test
  void showsASpanOfEachIntervalWithItsValue() throws Exception {
    assertThat(exemplars("{ name = `POST /order` } | rate()", null))
        .containsExactly("10000 ms 0.1 b2");
    assertThat(exemplars("{ status = error } | max_over_time(duration)", null))
        .containsExactly("1000 ms 0.02 a1");
    assertThat(exemplars("{ status = error } || { status = error } | rate()", null))
        .containsExactly("1000 ms 0.1 a1");
    assertThat(
            exemplars(
                "{ resource.service.name = `shop` } | quantile_over_time(duration, .1, 1)", null))
        .contains("10000 ms 2.0 b2", "20000 ms 3.0 c3");
  }

  @Test
  void showsAsManyExemplarsAsAreWanted() throws Exception {
    assertThat(exemplars("{} | rate()", null)).hasSize(3);
    assertThat(exemplars("{} | rate()", 2)).hasSize(2);
    assertThat(exemplars("{} | rate() with (exemplars=1)", 2)).hasSize(1);
    assertThat(exemplars("{} | rate() with (exemplars=false)", 2)).isEmpty();
    assertThat(exemplars("{} | rate() > 0.25", null)).hasSize(1);
  }

  /** Milliseconds after noon, value and trace of the exemplars of all series. */
  private List<String> exemplars(String q, @Nullable Integer wanted) throws Exception {
    List<String> exemplars = new ArrayList<>();
    for (Object ofSeries :
        querier
            .ask(new QueryTicket.QueryRange("default", "default", q, STEPS, wanted, null))
            .column("exemplars")) {
      for (Object exemplar : (List<?>) ofSeries) {
        Map<?, ?> parts = (Map<?, ?>) exemplar;
        String labels = MetricsAnswer.labels((List<?>) parts.get("labels"));
        exemplars.add(
            "%d ms %s %s"
                .formatted(
                    (Long) parts.get("timestamp_ms") - NOON / 1_000_000,
                    parts.get("value"),
                    labels.replaceFirst("trace:id=0*", "")));
      }
    }
    return exemplars;
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{ name = `x` } | count() > 1", "{} | select(name)"})
  void refusesQueriesForTraces(String q) {
    assertThatThrownBy(() -> querier.ask(MetricsAnswer.range(q, STEPS)))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageStartingWith("not a metrics query: expected");
  }

  @Test
  void refusesWhatIsNotTraceQl() {
    assertThatThrownBy(() -> querier.ask(MetricsAnswer.range("{} | rate(", STEPS)))
        .hasMessageStartingWith("invalid TraceQL query: parse error at line 1, col ");
  }

  @Test
  void refusesTooManySeries() {
    assertThatThrownBy(
            () ->
                querier.ask(
                    MetricsAnswer.range(
                        "{} | quantile_over_time(duration, .1, .2, .3, .4, .5, .6, .7, .8, .9)"
                            + " by (span:id)",
                        STEPS)))
        .hasMessageContaining(
            "The query makes 45 series: expected at most 40 (querier.max_series)");
  }

  @Test
  void showsAsManySeriesAsAreWantedAndSaysSo() throws Exception {
    QuerierFixture.Answer answer =
        querier.ask(
            new QueryTicket.QueryRange(
                "default", "default", "{} | rate() by (span:id)", STEPS, null, 2));
    assertThat(answer.rows()).hasSize(2);
    assertThat(answer.metadata()).contains("2 of 5 series are shown");
  }

  @Test
  void refusesMorePointsThanFitIntoMemory() {
    TimeSteps fine = new TimeSteps(NOON - 10 * SECOND, NOON + 20 * SECOND, 10_000);
    assertThatThrownBy(() -> querier.ask(MetricsAnswer.range("{} | rate() by (span:id)", fine)))
        .hasMessageContaining("needs more than 4194304 points");
  }

  @Test
  void answersInstantQueriesWithOneValue() throws Exception {
    QuerierFixture.Answer answer =
        querier.ask(
            new QueryTicket.QueryInstant(
                "default",
                "default",
                "{} | rate()",
                TimeSteps.one(NOON - 1, NOON + 3 * SECOND),
                null));
    assertThat(answer.column("samples").toString())
        .isEqualTo(
            "[[{\"timestamp_ms\":%d,\"value\":%s}]]"
                .formatted((NOON + 3 * SECOND) / 1_000_000, 2 / 3.000000001));
  }
}
