package io.signaldb.querier;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags are those of all spans, not of a sample. */
class ManyTracesTagsTest {
  private static final int TRACES = 3_000;

  private QuerierFixture querier;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of());
  }

  @AfterEach
  void close() {
    querier.close();
  }

  /** Traces with a key and a value of their own, the last of them the oldest. */
  private static List<TestSpan> traces(String prefix) {
    return IntStream.range(0, TRACES)
        .mapToObj(
            i ->
                TestSpan.root(Integer.toHexString(i + 1), "1", -i)
                    .with("common", "%s-%d".formatted(prefix, i))
                    .with("%s.%d".formatted(prefix, i), "x"))
        .toList();
  }

  private static List<Object> expected(String format) {
    List<Object> expected = new ArrayList<>();
    for (int i = 0; i < TRACES; i++) {
      expected.add(format.formatted(i));
    }
    return expected;
  }

  private void assertAllListed(String prefix) throws Exception {
    assertThat(querier.ask("tags:default:default:{\"scope\":\"span\"}").column("tag"))
        .containsAll(expected(prefix + ".%d"))
        .hasSize(TRACES + 1);
    assertThat(
            querier
                .ask("tag_values:default:default:{\"tag\":\"span.common\",\"limit\":100000}")
                .column("value"))
        .containsExactlyInAnyOrderElementsOf(expected(prefix + "-%d"));
    assertThat(
            querier
                .ask("tag_values:default:default:{\"tag\":\"span.common\",\"limit\":7}")
                .column("value"))
        .hasSize(7);
  }

  @Test
  void listsAllOfTheFreshTraces() throws Exception {
    querier.writer().hold(traces("fresh"));

    assertAllListed("fresh");
  }

  @Test
  void listsAllOfTheCommittedTraces() throws Exception {
    FakeWriter writer = querier.writer();
    writer.hold(traces("stored"));
    writer.commit();

    assertAllListed("stored");
    assertAllListed("stored"); // this time from what is known of the file
  }
}
