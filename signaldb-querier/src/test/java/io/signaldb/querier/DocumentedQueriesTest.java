package io.signaldb.querier;

import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.querier.traceql.Query;
import io.signaldb.querier.traceql.TraceQl;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link DocumentedQueries} are understood, and find what they are to find. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DocumentedQueriesTest {
  private QuerierFixture querier;

  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of());
    FakeWriter writer = querier.writer();
    List<TestSpan> spans = DocumentedQueries.spans();
    writer.hold(spans.subList(0, 2));
    writer.commit();
    writer.hold(spans.subList(2, spans.size()));
  }

  @AfterAll
  void close() {
    querier.close();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.signaldb.querier.DocumentedQueries#searches")
  void searches(DocumentedQueries.Search search) throws Exception {
    assertThat(querier.spans(search.q())).isEqualTo(search.found());
    Query parsed = TraceQl.parse(search.q());
    assertThat(TraceQl.parse(parsed.text())).isEqualTo(parsed);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.signaldb.querier.DocumentedQueries#metrics")
  void understandsMetrics(String query) {
    Query.Metrics parsed = TraceQl.parseMetrics(query);
    assertThat(TraceQl.parse(parsed.text())).isEqualTo(parsed);
  }
}
