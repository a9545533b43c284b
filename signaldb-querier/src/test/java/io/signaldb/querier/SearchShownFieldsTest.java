package io.signaldb.querier;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What results show of a span with several events and links. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchShownFieldsTest {
  private QuerierFixture querier;

  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of());
    FakeWriter writer = querier.writer();
    writer.hold(
        TestSpan.root("a1", "1", 0)
            .withEvent("retry", 1_000_000, Map.of("attempt", 1L, "reason", "timeout"))
            .withEvent("retry", 2_000_000, Map.of("attempt", 2L, "reason", "refused"))
            .withEvent("retry", 3_000_000, Map.of("attempt", 3L, "reason", "timeout"))
            .withEvent("done", 4_000_000, Map.of("attempt", 4L))
            .withLink("c1", "a", Map.of("why", "batch"))
            .withLink("c2", "b", Map.of("why", "retry"))
            .withLink("c3", "c", Map.of("other", "x")));
    writer.commit();
  }

  @AfterAll
  void close() {
    querier.close();
  }

  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "{ event.reason = `refused` }; reason=refused",
        "{ event.attempt > 1 && event.reason = `timeout` }; attempt=3, reason=timeout",
        "{ event.attempt < 3 && event.reason = `timeout` }; attempt=1, reason=timeout",
        "{ event.attempt = 2 && event:timeSinceStart > 0ms }; attempt=2, event:timeSinceStart=2000000",
        "{ event:name = `retry` } | select(event.attempt); attempt=3, event:name=retry",
        "{ event.attempt = 1 } && { event.reason = `refused` }; attempt=1, reason=refused",
        "{ } | select(event.reason, link.why); reason=timeout, why=retry",
        "{ link.why = `batch` && link:spanID != `0` }; link:spanID=000000000000000a, why=batch",
        "{ link:traceID = `c2` }; link:traceID=000000000000000000000000000000c2",
        "{ event.attempt = 2 && link.why = `batch` }; attempt=2, why=batch",
        "{ event.attempt = 9 || kind = server }; attempt=4, kind=server",
        "({ event.attempt = 2 } | count()) = 1; attempt=2",
      })
  void showsTheEventOrLinkThatMatches(String q, String shown) throws Exception {
    Map<String, Object> row = querier.search(q).rows().get(0);

    Map<String, Object> values = new TreeMap<>();
    for (String type : List.of("", "_int")) {
      if (row.get("attributes" + type) instanceof List<?> entries) {
        for (Object entry : entries) {
          Map<?, ?> pair = (Map<?, ?>) entry;
          values.put(pair.get("key").toString(), pair.get("value"));
        }
      }
    }
    List<String> lines = new ArrayList<>();
    values.forEach((name, value) -> lines.add(name + "=" + value));
    assertThat(String.join(", ", lines)).isEqualTo(shown);
  }
}
