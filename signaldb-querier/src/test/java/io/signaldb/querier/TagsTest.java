package io.signaldb.querier;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tags of spans in a file and in a Writer. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TagsTest {
  private QuerierFixture querier;

  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of());
    FakeWriter writer = querier.writer();
    writer.hold(
        TestSpan.root("c0", "1", 0)
            .named("values")
            .with("http.route", "/a")
            .with("v.text", "v1")
            .with("v.int", 5L)
            .with("v.real", 2.0)
            .with("v.flag", true)
            .withResource("own.zone", "eu"),
        TestSpan.root("c1", "2", 0)
            .with("v.text", "v2")
            .with("v.mixed", "alone")
            .with(
                "v.mixed.list",
                new TestSpan.Json(
                    "{\"arrayValue\":{\"values\":[{\"stringValue\":\"a\"},{\"intValue\":\"7\"},"
                        + "{\"doubleValue\":1.5},{\"boolValue\":true},{},"
                        + "{\"kvlistValue\":{\"values\":[]}}]}}"))
            .with("v.pairs", new TestSpan.Json("{\"kvlistValue\":{\"values\":[]}}")),
        TestSpan.root("c4", "4", 0)
            .named("child")
            .of("stock")
            .kind(3)
            .childOf("1")
            .failed("gone")
            .with(
                "v.mixed",
                new TestSpan.Json(
                    "{\"arrayValue\":{\"values\":[{\"stringValue\":\"of a list\"}]}}"))
            .instrumentedBy("jdbc", "2.1")
            .withScope("language", "java")
            .withEvent("exception", 1000, Map.of("exception.type", "Boom"))
            .withEvent(
                "retry",
                2000,
                Map.of(
                    "attempt",
                    2L,
                    "codes",
                    new TestSpan.Json("{\"arrayValue\":{\"values\":[{\"intValue\":\"9\"}]}}")))
            .withLink("d1", "d", Map.of("why", "batch")));
    writer.commit();
    writer.hold(
        TestSpan.root("c2", "3", 0)
            .with("v.text", "v-fresh")
            .with("v.int", 6L)
            .with("fresh.key", "x"));
  }

  @AfterAll
  void close() {
    querier.close();
  }

  @Test
  void listsTagsOfFilesAndWriters() throws Exception {
    QuerierFixture.Answer tags = querier.ask("tags:default:default:{}");
    assertThat(pairs(tags, "scope", "tag"))
        .contains(
            "resource service.name",
            "resource own.zone",
            "span http.route",
            "span v.text",
            "span v.int",
            "span v.mixed.list",
            "span v.pairs",
            "span fresh.key",
            "event exception.type",
            "event attempt",
            "event codes",
            "link why",
            "instrumentation language",
            "intrinsic name");
    assertThat(tags.column("scope").stream().filter("intrinsic"::equals)).hasSize(24);
    assertThat(pairs(querier.ask("tags:default:default:{}"), "scope", "tag"))
        .isEqualTo(pairs(tags, "scope", "tag"));
    assertThat(pairs(querier.ask("tags:default:default:{\"scope\":\"resource\"}"), "scope", "tag"))
        .containsExactly("resource own.zone", "resource service.name");
    assertThat(
            pairs(
                querier.ask(
                    "tags:default:default:{\"scope\":\"span\",\"q\":\"{ .v.int = 6 && span.x = }\"}"),
                "scope",
                "tag"))
        .containsExactly("span fresh.key", "span v.int", "span v.text");
  }

  @Test
  void limitsTheNamesOfEachScope() throws Exception {
    assertThat(pairs(querier.ask("tags:default:default:{\"limit\":1}"), "scope", "tag"))
        .containsExactly(
            "event attempt",
            "instrumentation language",
            "intrinsic duration",
            "link why",
            "resource own.zone",
            "span fresh.key");
  }

  @Test
  void listsNamesOfTheHoursInTheRange() throws Exception {
    long noon = TestSpan.NOON / TestSpan.SECOND;
    String tags = "tags:default:default:{\"scope\":\"span\",\"start\":%d,\"end\":%d}";

    assertThat(querier.ask(tags.formatted(noon - 10, noon + 10)).column("tag"))
        .contains("http.route", "fresh.key");
    assertThat(querier.ask(tags.formatted(noon + 36_000, noon + 36_001)).column("tag")).isEmpty();
  }

  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "{'tag':'.v.text'}; string v-fresh,string v1,string v2",
        "{'tag':'span.v.text','limit':1}; string v-fresh",
        "{'tag':'resource.v.text'}; ''",
        "{'tag':'.v.int'}; int 5,int 6",
        "{'tag':'.v.real'}; float 2.0",
        "{'tag':'.v.flag'}; bool true",
        "{'tag':'.v.text','q':'{ span.v.int = 5 }'}; string v1",
        "{'tag':'.v.text','q':'{ span.v.int = 5 && .x = }'}; string v1",
        "{'tag':'.v.text','q':'nonsense'}; string v-fresh,string v1,string v2",
        "{'tag':'name','q':'{ .v.int = 5 }'}; string values",
        "{'tag':'rootServiceName','q':'{ .v.int = 5 }'}; string shop",
        "{'tag':'status'}; keyword error,keyword ok,keyword unset",
        "{'tag':'span:kind'}; keyword client,keyword consumer,keyword internal,keyword producer,keyword server,keyword unspecified",
        "{'tag':'duration'}; ''",
        "{'tag':'.v.text','start':1,'end':2}; ''",
        "{'tag':'span.v.mixed.list'}; bool true,float 1.5,int 7,string a",
        "{'tag':'.v.mixed'}; string alone,string of a list",
        "{'tag':'.v.pairs'}; ''",
        "{'tag':'event.exception.type'}; string Boom",
        "{'tag':'event.attempt'}; int 2",
        "{'tag':'event.codes'}; int 9",
        "{'tag':'event.exception.type','q':'{ name = `child` }'}; string Boom",
        "{'tag':'event.exception.type','q':'{ name = `values` }'}; ''",
        "{'tag':'link.why'}; string batch",
        "{'tag':'instrumentation.language'}; string java",
        "{'tag':'span.language'}; ''",
        "{'tag':'instrumentation:name'}; string jdbc",
        "{'tag':'instrumentation:version'}; string 2.1",
        "{'tag':'event:name'}; string exception,string retry",
        "{'tag':'statusMessage'}; string gone",
        "{'tag':'rootName'}; string GET /,string values",
        "{'tag':'trace:rootName'}; string GET /,string values",
        "{'tag':'name'}; string GET /,string child,string values",
        "{'tag':'resource.service.name'}; string shop,string stock",
        "{'tag':'rootServiceName'}; string shop",
        "{'tag':'span:status','q':'{ .v.int = 5 }'}; keyword error,keyword ok,keyword unset",
        "{'tag':'resource.service.name','q':'{ status = error }'}; string stock",
        "{'tag':'link:traceID'}; ''",
        "{'tag':'event:timeSinceStart'}; ''",
      })
  void listsValues(String parameters, String expected) throws Exception {
    assertThat(
            String.join(
                ",",
                pairs(
                    querier.ask("tag_values:default:default:" + parameters.replace('\'', '"')),
                    "type",
                    "value")))
        .isEqualTo(expected);
  }

  private static List<String> pairs(QuerierFixture.Answer answer, String first, String second) {
    return answer.rows().stream().map(row -> row.get(first) + " " + row.get(second)).toList();
  }
}
