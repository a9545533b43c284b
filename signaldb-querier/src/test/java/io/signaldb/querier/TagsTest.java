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
        TestSpan.root("c1", "2", 0).with("v.text", "v2"));
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
            "span fresh.key",
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
        .containsExactly("intrinsic duration", "resource own.zone", "span fresh.key");
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
