package io.signaldb.querier;

import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.flight.AnswerSummary;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SearchParams;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.VarCharVector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Searches over more traces than are evaluated at a time: what is found comes in parts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchGroupsTest {
  private static final int TRACES = 600;

  /** Every fourth trace matches; the engine alone cannot tell which. */
  private static final String FOURTHS = "{ .all = 1 } && { .fourth = 1 }";

  private QuerierFixture querier;
  private FakeWriter writer;

  /** The trace of number 0 is the newest; a third of them, here and there, is in a file. */
  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of());
    writer = querier.writer();
    writer.hold(
        IntStream.range(0, TRACES)
            .filter(i -> i % 3 == 0)
            .boxed()
            .flatMap(SearchGroupsTest::trace)
            .toList());
    writer.commit();
    writer.hold(
        IntStream.range(0, TRACES)
            .filter(i -> i % 3 != 0)
            .boxed()
            .flatMap(SearchGroupsTest::trace)
            .toList());
  }

  @AfterEach
  void answerAtOnce() {
    writer.beforeAnswer(() -> {});
  }

  @AfterAll
  void close() {
    querier.close();
  }

  private static Stream<TestSpan> trace(int number) {
    TestSpan root = TestSpan.root(Integer.toHexString(number + 1), "1", -number).with("all", 1L);
    TestSpan child = TestSpan.root(Integer.toHexString(number + 1), "2", -number).childOf(root);
    return Stream.of(root, number % 4 == 0 ? child.with("fourth", 1L) : child);
  }

  private static String id(int number) {
    return "%032x".formatted(number + 1);
  }

  private static List<String> ids(int count, int step) {
    return IntStream.range(0, count).mapToObj(i -> id(i * step)).toList();
  }

  /** The traces of each batch of a search, in the order of its rows, and what ends it. */
  private record Parts(List<List<String>> batches, List<AnswerSummary> summaries) {
    List<String> traces() {
      return batches.stream().flatMap(List::stream).toList();
    }
  }

  private Parts search(String q, int limit, Runnable afterBatch) throws Exception {
    SearchParams params = new SearchParams(q, null, null, null, limit, null, null, null);
    Parts parts = new Parts(new ArrayList<>(), new ArrayList<>());
    FlightStream stream =
        querier.open(new QueryTicket.SearchTraces("default", "default", params).toBytes());
    try {
      while (stream.next()) {
        ArrowBuf metadata = stream.getLatestMetadata();
        if (metadata != null) {
          byte[] json = new byte[(int) metadata.readableBytes()];
          metadata.getBytes(metadata.readerIndex(), json);
          parts.summaries.add(AnswerSummary.parse(json));
        }
        if (stream.getRoot().getRowCount() > 0) {
          assertThat(parts.summaries).as("the summary comes last").isEmpty();
          parts.batches.add(traces((VarCharVector) stream.getRoot().getVector("trace_id")));
          afterBatch.run();
        }
      }
    } finally {
      stream.close();
    }
    return parts;
  }

  /** Each id once per run of equal ones. */
  private static List<String> traces(VarCharVector ids) {
    List<String> traces = new ArrayList<>();
    for (int row = 0; row < ids.getValueCount(); row++) {
      String id = ids.getObject(row).toString();
      if (traces.isEmpty() || !traces.get(traces.size() - 1).equals(id)) {
        traces.add(id);
      }
    }
    return traces;
  }

  @Test
  void handsOutEachMatchOnceInSeveralBatches() throws Exception {
    Parts all = search("{}", 1000, () -> {});
    assertThat(all.batches).hasSizeGreaterThan(3);
    assertThat(all.traces()).containsExactlyInAnyOrderElementsOf(ids(TRACES, 1));

    Parts fourths = search(FOURTHS, 1000, () -> {});
    assertThat(fourths.batches).hasSizeGreaterThan(3);
    assertThat(fourths.traces()).containsExactlyInAnyOrderElementsOf(ids(TRACES / 4, 4));
    assertThat(fourths.summaries).hasSize(1);
    assertThat(fourths.summaries.get(0).incomplete()).isNull();
  }

  @Test
  void handsOutTheNewestMatchesUpToTheLimit() throws Exception {
    for (int limit : List.of(1, 5, 6, 20, 60)) {
      assertThat(search("{}", limit, () -> {}).traces())
          .containsExactlyInAnyOrderElementsOf(ids(limit, 1));
      assertThat(search(FOURTHS, limit, () -> {}).traces())
          .containsExactlyInAnyOrderElementsOf(ids(limit, 4));
    }
  }

  @Test
  void handsOutTheFirstMatchesWhileItSearchesOn() throws Exception {
    CountDownLatch firstSeen = new CountDownLatch(1);
    AtomicInteger questions = new AtomicInteger();
    AtomicInteger late = new AtomicInteger();
    writer.beforeAnswer(
        () -> {
          // The first finds traces, the second reads those of the first group.
          if (questions.incrementAndGet() == 3 && !isCounted(firstSeen)) {
            late.incrementAndGet();
          }
        });

    Parts found = search("{}", 40, firstSeen::countDown);

    assertThat(late).hasValue(0);
    assertThat(questions).hasValue(3);
    assertThat(found.batches).hasSize(2);
    assertThat(new HashSet<>(found.traces())).hasSize(40);
  }

  private static boolean isCounted(CountDownLatch latch) {
    try {
      return latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
