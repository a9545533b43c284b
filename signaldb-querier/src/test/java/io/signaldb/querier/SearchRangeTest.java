package io.signaldb.querier;

import static io.signaldb.querier.TestSpan.NOON;
import static io.signaldb.querier.TestSpan.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.flight.AnswerSummary;
import io.signaldb.common.flight.SearchParams;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a search looks at of a month of hours, each a file, and how far it sees a trace: told by the
 * number of rows in the files it opened.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchRangeTest {
  private static final long HOUR = 3600;
  private static final int SPANS_AN_HOUR = 10;
  private static final long ROWS_OF_A_BUSY_HOUR = 1_000_000;

  /** Hours before noon with a file, each but two with as many spans. */
  private static final List<Integer> HOURS = List.of(719, 500, 240, 72, 48, 30, 9, 8, 7, 6, 2, 1);

  private final Random random = new Random(7);
  private QuerierFixture querier;

  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of());
    FakeWriter writer = querier.writer();
    List<TestSpan> ofLongTrace = longTrace();
    for (int hour : HOURS) {
      List<TestSpan> spans = new ArrayList<>();
      for (int i = 0; i < SPANS_AN_HOUR; i++) {
        spans.add(
            TestSpan.root(id(), Integer.toHexString(i + 1), -hour * HOUR + i)
                .named("hour " + hour));
      }
      ofLongTrace.stream().filter(span -> hour(span) == hour).forEach(spans::add);
      writer.hold(spans);
      writer.commit();
    }
    writer.hold(ofLongTrace.stream().filter(span -> hour(span) == 5).toList());
  }

  /** Random ids, so that any trace may be in any file for all that its bounds tell. */
  private String id() {
    return "%016x%016x".formatted(random.nextLong() | Long.MIN_VALUE, random.nextLong());
  }

  private static long hour(TestSpan span) {
    return (NOON - span.startUnixNano()) / (HOUR * SECOND);
  }

  /** From nine hours before noon to five before, each span in another file, the last one fresh. */
  private static List<TestSpan> longTrace() {
    TestSpan root =
        TestSpan.root("f0000000000000000000000000000001", "a1", -9 * HOUR)
            .named("night job")
            .of("jobs")
            .lasting(4 * HOUR * SECOND);
    TestSpan step = TestSpan.root("1", "a2", -8 * HOUR).childOf(root).named("step 1");
    TestSpan second = TestSpan.root("1", "a3", -7 * HOUR).childOf(step).named("step 2");
    TestSpan third = TestSpan.root("1", "a4", -6 * HOUR).childOf(second).named("step 3");
    TestSpan last = TestSpan.root("1", "a5", -5 * HOUR).childOf(third).named("step 4").of("end");
    return List.of(root, step, second, third, last);
  }

  @AfterAll
  void close() {
    querier.close();
  }

  private QuerierFixture.Answer search(String q, int limit, @Nullable Long from, @Nullable Long to)
      throws Exception {
    Long start = from == null ? null : Long.valueOf(NOON / SECOND + from);
    Long end = to == null ? null : Long.valueOf(NOON / SECOND + to);
    return querier.search(new SearchParams(q, null, null, null, limit, start, end, 100));
  }

  private static long inspected(QuerierFixture.Answer answer) {
    return AnswerSummary.parse(answer.metadata().getBytes(StandardCharsets.UTF_8)).inspectedSpans();
  }

  @Test
  void opensOnlyTheFilesOfTheRange() throws Exception {
    // The file is opened to find the newest traces, and once more for the whole ones.
    QuerierFixture.Answer oneHour = search("{ name =~ `hour.*` }", 1000, -72 * HOUR, -71 * HOUR);
    assertThat(oneHour.rows()).hasSize(SPANS_AN_HOUR);
    assertThat(inspected(oneHour)).isEqualTo(2 * SPANS_AN_HOUR);

    QuerierFixture.Answer nothing = search("{ }", 1000, -400 * HOUR, -300 * HOUR);
    assertThat(nothing.rows()).isEmpty();
    assertThat(inspected(nothing)).isZero();
  }

  @Test
  void readsWholeTracesOnlyFromFilesThatHaveThem() throws Exception {
    QuerierFixture.Answer found = search("{ name = `hour 240` }", 1000, -720 * HOUR, 0L);

    assertThat(found.rows()).hasSize(SPANS_AN_HOUR);
    long ofTable = (long) HOURS.size() * SPANS_AN_HOUR + 4;
    // Bloom filters are wrong at times, for a few files of the twelve.
    assertThat(inspected(found) - ofTable).isBetween((long) SPANS_AN_HOUR, 4L * SPANS_AN_HOUR);
  }

  @Test
  void leavesOlderHoursAloneWhenTheNewestFillTheLimit(@TempDir Path directory) throws Exception {
    QuerierFixture month = new QuerierFixture(directory, Map.of());
    try {
      FakeWriter writer = month.writer();
      for (int day = 30; day > 0; day -= 3) {
        writer.hold(TestSpan.root(id(), "1", -day * (24 * HOUR)));
        writer.commit();
      }
      List<TestSpan> newest = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        newest.add(TestSpan.root(id(), "1", i));
      }
      writer.hold(newest);
      writer.commitAsFileOf(ROWS_OF_A_BUSY_HOUR);

      long start = NOON / SECOND - 30 * 24 * HOUR;
      QuerierFixture.Answer found =
          month.search(
              new SearchParams("{ }", null, null, null, 20, start, start + 31 * 24 * HOUR, 1));

      assertThat(found.rows()).hasSize(20);
      // The newest file, once more for the whole traces, and none of the ten others.
      assertThat(inspected(found)).isEqualTo(2 * ROWS_OF_A_BUSY_HOUR);
    } finally {
      month.close();
    }
  }

  @ParameterizedTest(name = "{0} from {1} to {2} h → {3}")
  @CsvSource(
      delimiter = ';',
      value = {
        // from the fresh end of it, from its middle, from its begin
        "{ resource.service.name = `end` };-5;-4;a5",
        "{ rootName = `night job` };-5;-4;a5",
        "{ rootName = `night job` };-7;-6;a3 a4",
        "{ rootServiceName = `jobs` && traceDuration > 3h };-7;-6;a3 a4",
        "{ traceDuration = 4h0m0.1s };-5;-4;a5",
        "{ name = `step 3` && nestedSetParent = 3 };-6;-6;a4",
        "{ parent.resource.service.name = `jobs` };-8;-8;a2",
        "{ name = `night job` && childCount = 1 };-9;-9;a1",
        "{ name = `night job` && traceDuration > 4h };-9;-9;a1",
        "{ name =~ `step.*` } >> { name = `step 4` };-7;-5;a5",
        "{ rootName = `night job` };-3;-1;''",
      })
  void seesTracesOfManyHoursWhole(String q, long from, long to, String expected) throws Exception {
    QuerierFixture.Answer found = search(q, 20, from * HOUR, to * HOUR);

    List<String> ids =
        found.column("span_id").stream().map(id -> id.toString().substring(14)).sorted().toList();
    assertThat(String.join(" ", ids)).isEqualTo(expected);
    if (!ids.isEmpty()) {
      Map<String, Object> trace = found.rows().get(0);
      assertThat(trace.get("root_trace_name")).isEqualTo("night job");
      assertThat(trace.get("trace_start_unix_nano")).isEqualTo(NOON - 9 * HOUR * SECOND);
      assertThat(trace.get("trace_duration_nanos")).isEqualTo(4 * HOUR * SECOND + SECOND / 10);
      assertThat(Collections.frequency(found.column("trace_id"), trace.get("trace_id")))
          .isEqualTo(ids.size());
    }
  }
}
