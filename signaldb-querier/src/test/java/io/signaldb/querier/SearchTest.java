package io.signaldb.querier;

import static io.signaldb.querier.TestSpan.NOON;
import static io.signaldb.querier.TestSpan.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.SearchParams;
import java.nio.file.Path;
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

/** Searches over spans in two files and in a Writer; one trace is in both. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchTest {
  private static final long NOON_SECONDS = NOON / SECOND;

  private QuerierFixture querier;

  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of());
    FakeWriter writer = querier.writer();
    TestSpan cart =
        TestSpan.root("a1", "1", 0)
            .with("http.route", "/cart")
            .with("http.response.status_code", 500L)
            .with("custom", "x")
            .with("custom.int", 1L)
            .with("custom.real", 1.5)
            .with("custom.flag", true)
            .with("custom.list", new TestSpan.Json("{\"arrayValue\":{}}"))
            .withResource("custom.zone", "eu");
    TestSpan order = TestSpan.root("b2", "3", 10).named("POST /order").lasting(2 * SECOND);
    writer.hold(
        cart,
        TestSpan.root("a1", "2", 1)
            .childOf(cart)
            .named("charge")
            .of("pay")
            .kind(3)
            .lasting(SECOND / 50)
            .failed("card\ndeclined"));
    writer.commit();
    writer.hold(
        order,
        TestSpan.root("b2", "4", 11)
            .childOf(order)
            .named("SELECT")
            .of("db")
            .kind(3)
            .with("custom", "y")
            .with("custom.int", 2L),
        TestSpan.root("c3", "5", 20).childOf(TestSpan.root("c3", "f", 20)).of("orphan"));
    TestSpan split = TestSpan.root("e5", "7", 40).named("split");
    writer.hold(split);
    writer.commit();
    writer.hold(
        TestSpan.root("d4", "6", 30)
            .named("fresh")
            .with("custom", "x")
            .with("service.name", "span-says")
            .with("retyped", 5L)
            .withResource("retyped", "five"),
        TestSpan.root("e5", "8", 41).childOf(split).of("pay").with("custom.int", 3L));
  }

  @AfterAll
  void close() {
    querier.close();
  }

  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "{}; 7 8 6 5 3 4 1 2",
        "{ name = `GET /` }; 8 5 1",
        "{ name =~ `(GET|POST) .*` }; 8 5 3 1",
        "{ name =~ `GET` }; ''",
        "{ name !~ `GET.*` }; 7 6 3 4 2",
        "{ span:name = `charge` }; 2",
        "{ status = error }; 2",
        "{ status != error && kind = client }; 4",
        "{ kind = client }; 4 2",
        "{ kind = unspecified }; ''",
        "{ duration > 1s }; 3",
        "{ duration <= 20ms }; 2",
        "{ 1s < duration }; 3",
        "{ statusMessage =~ `card.declined` }; 2",
        "{ statusMessage != `` }; 2",
        "{ statusMessage = `` && kind = client }; 4",
        "{ rootName = `POST /order` }; 3 4",
        "{ rootServiceName = `shop` && name = `charge` }; 2",
        "{ rootName != `x` && kind = client }; 4 2",
        "{ traceDuration > 1s && kind = server }; 7 8 3 1",
        "{ trace:id = `B2` }; 3 4",
        "{ span:id = `4` }; 4",
        "{ span:parentID = `3` }; 4",
        "{ span:parentID = `` && name = `fresh` }; 6",
        // attributes in a promoted column
        "{ .http.route = `/cart` }; 1",
        "{ span.http.response.status_code >= 500 }; 1",
        "{ span.http.response.status_code >= 500.0 }; ''",
        "{ resource.service.name = `pay` }; 8 2",
        "{ .service.name = `shop` }; 7 3 1",
        "{ .service.name = `span-says` }; 6",
        "{ resource.service.name = `shop` }; 7 6 3 1",
        // attributes in a map
        "{ .custom = `x` }; 6 1",
        "{ span.custom != `x` }; 4",
        "{ span.custom =~ `[xy]` }; 6 4 1",
        "{ .custom.int = 1 }; 1",
        "{ .custom.int > 1 }; 8 4",
        "{ .custom.int = 1.0 }; ''",
        "{ .custom.int = `1` }; ''",
        "{ .custom.real = 1.5 }; 1",
        "{ .custom.flag }; 1",
        "{ .custom.flag = true }; 1",
        "{ .custom.flag != true }; ''",
        "{ resource.custom.zone = `eu` }; 1",
        "{ .custom.zone =~ `e.` }; 1",
        "{ .custom != nil }; 6 4 1",
        "{ .custom = nil && kind = client }; 2",
        "{ .custom.list != nil }; 1",
        "{ .retyped = `five` }; ''",
        "{ .retyped = 5 }; 6",
        "{ resource.retyped = `five` }; 6",
        "{ .nowhere = `x` }; ''",
        // combinations
        "{ .custom = `x` && .http.route = `/cart` }; 1",
        "{ .custom = `y` || .http.route = `/cart` }; 4 1",
        "{ !(.custom = `x`) && kind = server }; 7 8 5 3",
        "{ !(kind = server) }; 4 2",
        "{ name = `SELECT` || name = `charge` && status = error }; 2",
        "{ name = `SELECT` } || { name = `charge` }; 4 2",
        "{ name = `split` } && { resource.service.name = `pay` }; 7 8",
        "{ kind = client } && { .http.route = `/cart` }; 1 2",
        "{ name = `fresh` } && { kind = client }; ''",
        "{ .custom = `x` } | select(name, .http.route); 6 1",
      })
  void finds(String q, String spans) throws Exception {
    List<String> expected = spans.isEmpty() ? List.of() : List.of(spans.split(" "));
    assertThat(querier.spans(q)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "name=SELECT; 4",
        "service.name=pay; 8 2",
        "name=\"POST /order\"; 3",
        "custom.int=1; 1",
        "custom.flag=true http.route=/cart; 1",
        "error=true; 2",
        "status.code=error; 2",
        "root.name=split service.name=pay; 8",
        "custom=x custom=y; ''",
      })
  void findsByTags(String tags, String spans) throws Exception {
    QuerierFixture.Answer answer =
        querier.search(new SearchParams(null, tags, null, null, null, null, null, 100));
    List<String> expected = spans.isEmpty() ? List.of() : List.of(spans.split(" "));
    assertThat(answer.column("span_id").stream().map(id -> id.toString().substring(15)).toList())
        .isEqualTo(expected);
  }

  @Test
  void describesTheTraceOfASpan() throws Exception {
    QuerierFixture.Answer answer =
        querier.search("{ name = `charge` && .http.route = nil && status = error } | select(kind)");

    assertThat(answer.rows()).hasSize(1);
    Map<String, Object> row = answer.rows().get(0);
    assertThat(row)
        .containsEntry("trace_id", "000000000000000000000000000000a1")
        .containsEntry("root_service_name", "shop")
        .containsEntry("root_trace_name", "GET /")
        .containsEntry("trace_start_unix_nano", NOON)
        .containsEntry("trace_duration_nanos", SECOND + SECOND / 50)
        .containsEntry("matched", 1)
        .containsEntry("span_name", "charge")
        .containsEntry("start_time_unix_nano", NOON + SECOND)
        .containsEntry("duration_nanos", SECOND / 50);
    assertThat(row.get("attributes").toString())
        .contains("status", "error", "kind", "client")
        .doesNotContain("charge");
    assertThat(row.get("service_span_counts").toString()).contains("pay", "shop");
    assertThat(row.get("service_error_counts").toString()).contains("pay").doesNotContain("shop");
    assertThat(answer.metadata()).contains("\"complete\":true");
  }

  @Test
  void returnsAttributesAskedForWithTheirTypes() throws Exception {
    Map<String, Object> row =
        querier
            .search(
                "{ .custom.int = 1 && span.custom.real > 1.0 && .custom.flag && .custom.list != nil"
                    + " && .http.route = `/cart` && resource.custom.zone = `eu` }")
            .rows()
            .get(0);
    assertThat(row.get("attributes").toString())
        .contains("http.route", "/cart", "custom.zone", "eu");
    assertThat(row.get("attributes_int").toString()).contains("custom.int", "1");
    assertThat(row.get("attributes_double").toString()).contains("custom.real", "1.5");
    assertThat(row.get("attributes_bool").toString()).contains("custom.flag");
    assertThat(row.get("attributes_json").toString()).contains("custom.list", "arrayValue");
  }

  @Test
  void leavesTheRootOutWhileItIsMissing() throws Exception {
    Map<String, Object> row = querier.search("{ resource.service.name = `orphan` }").rows().get(0);
    assertThat(row).containsEntry("root_service_name", null).containsEntry("root_trace_name", null);
  }

  @Test
  void countsAllMatchesAndShowsTheFirst() throws Exception {
    QuerierFixture.Answer answer =
        querier.search(new SearchParams("{}", null, null, null, null, null, null, 1));
    assertThat(answer.column("span_id").stream().map(id -> id.toString().substring(15)).toList())
        .containsExactly("7", "6", "5", "3", "1");
    assertThat(answer.column("matched")).containsExactly(2, 1, 1, 2, 2);
  }

  @Test
  void answersTheNewestUpToTheLimit() throws Exception {
    QuerierFixture.Answer answer =
        querier.search(new SearchParams("{}", null, null, null, 2, null, null, 1));
    assertThat(answer.column("span_id").stream().map(id -> id.toString().substring(15)).toList())
        .containsExactly("7", "6");
  }

  @Test
  void goesOnWhenTheNewestCandidatesDoNotMatch() throws Exception {
    QuerierFixture.Answer answer =
        querier.search(
            new SearchParams(
                "{ rootServiceName = `shop` && traceDuration < 1100ms && traceDuration > 1s }",
                null,
                null,
                null,
                1,
                null,
                null,
                1));
    assertThat(answer.column("trace_id")).hasSize(1);
    assertThat(answer.column("trace_start_unix_nano")).containsExactly(NOON);
  }

  @ParameterizedTest(name = "{0} to {1} → {2}")
  @CsvSource(
      delimiter = ';',
      nullValues = "-",
      value = {
        "-; -; 7 8 6 5 3 4 1 2",
        "10; 11; 3 4",
        "11; 11; 4",
        "11; 10; error",
        "41; -; 8",
        "-; 0; 1",
        "100; 200; ''",
      })
  void searchesWithinATimeRange(@Nullable Long start, @Nullable Long end, String spans)
      throws Exception {
    SearchParams params =
        new SearchParams(
            "{}",
            null,
            null,
            null,
            null,
            start == null ? null : NOON_SECONDS + start,
            end == null ? null : NOON_SECONDS + end,
            100);
    if (spans.equals("error")) {
      assertInvalid(params, "start 1790000011 is after end 1790000010");
    } else {
      List<String> expected = spans.isEmpty() ? List.of() : List.of(spans.split(" "));
      assertThat(
              querier.search(params).column("span_id").stream()
                  .map(id -> id.toString().substring(15))
                  .toList())
          .isEqualTo(expected);
    }
  }

  @Test
  void tellsOfTheWholeTraceBeyondTheTimeRange() throws Exception {
    SearchParams params =
        new SearchParams(
            "{ rootName = `POST /order` }",
            null,
            null,
            null,
            null,
            NOON_SECONDS + 11,
            NOON_SECONDS + 12,
            100);
    Map<String, Object> row = querier.search(params).rows().get(0);
    assertThat(row)
        .containsEntry("span_name", "SELECT")
        .containsEntry("matched", 1)
        .containsEntry("trace_start_unix_nano", NOON + 10 * SECOND);
  }

  @Test
  void filtersByTheDurationOfTheTrace() throws Exception {
    SearchParams params =
        new SearchParams("{}", null, SECOND, SECOND + SECOND / 20, null, null, null, 1);
    assertThat(querier.search(params).column("trace_start_unix_nano")).containsExactly(NOON);
  }

  @Test
  void takesTheDeepestConditions() throws Exception {
    String chain = "{ .custom.int = 1" + " || .nowhere = 1 && .custom.int = 1".repeat(49) + " }";
    assertThat(querier.spans(chain)).containsExactly("1");
    String nested = "!(!(".repeat(24) + ".custom.int = 1" + "))".repeat(24);
    assertThat(querier.spans("{ " + nested + " }")).containsExactly("1");
  }

  @Test
  void refusesParametersOutOfRange() {
    assertInvalid(
        new SearchParams("{}", null, null, null, 0, null, null, null),
        "Invalid limit 0: expected 1 to 262144");
    assertInvalid(
        new SearchParams("{}", null, null, null, -1, null, null, null), "Invalid limit -1");
    assertInvalid(
        new SearchParams("{}", null, null, null, 262_145, null, null, null),
        "Invalid limit 262145");
    assertInvalid(
        new SearchParams("{}", null, null, null, null, null, null, 101),
        "Invalid spss 101: expected 1 to 100");
    assertInvalid(
        new SearchParams("{}", null, null, null, null, -1L, null, null),
        "Invalid start -1: expected Unix seconds");
    assertInvalid(
        new SearchParams("{}", null, 2L, 1L, null, null, null, null),
        "min_duration 2 ns is above max_duration 1 ns");
    assertInvalid(
        new SearchParams("{}", "a=b", null, null, null, null, null, null),
        "q and tags are both given");
    assertInvalid(
        new SearchParams(null, "a=\"b", null, null, null, null, null, null),
        "Invalid tags at 'a=\"b'");
    assertInvalid(
        new SearchParams("{ .a = }", null, null, null, null, null, null, null),
        "invalid TraceQL query: parse error at line 1, col 8: unexpected '}'");
    assertInvalid(
        new SearchParams("{} | rate()", null, null, null, null, null, null, null),
        "not a search query: expected no metrics function such as rate()");
  }

  private void assertInvalid(SearchParams params, String message) {
    assertThatThrownBy(() -> querier.search(params))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(message);
  }
}
