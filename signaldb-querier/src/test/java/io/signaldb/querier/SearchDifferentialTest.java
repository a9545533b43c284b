package io.signaldb.querier;

import static io.signaldb.querier.TestSpan.NOON;
import static io.signaldb.querier.TestSpan.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.flight.SearchParams;
import io.signaldb.querier.ReferenceQuery.Group;
import io.signaldb.querier.traceql.Query;
import io.signaldb.querier.traceql.TraceQl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random queries over random traces, in files and in a Writer, against the reference. {@code
 * -Dtraceql.seed=N} repeats a run, {@code -Dtraceql.seconds=N} makes it longer.
 */
class SearchDifferentialTest {
  private static final int TRACES = 60;
  private static final List<String> TYPES = List.of("", "_int", "_double", "_bool", "_json");

  private final long seed = Long.getLong("traceql.seed", 1);
  private final Random random = new Random(seed);

  @Test
  void findsWhatTheReferenceFinds(@TempDir Path directory) throws Exception {
    QuerierFixture querier = new QuerierFixture(directory, Map.of());
    try {
      List<List<TestSpan>> traces = new RandomTraces(random).traces(TRACES);
      store(querier.writer(), traces);
      List<ReferenceTrace> reference = traces.stream().map(ReferenceTrace::new).toList();
      RandomQueries queries = new RandomQueries(random);
      long end =
          System.nanoTime() + Duration.ofSeconds(Long.getLong("traceql.seconds", 15)).toNanos();
      int asked = 0;
      int found = 0;
      while (System.nanoTime() < end) {
        ReferenceQuery query = queries.next();
        Query parsed = TraceQl.parse(query.text());
        assertThat(TraceQl.parse(parsed.text())).as("seed %d", seed).isEqualTo(parsed);
        SearchParams params = params(query.text());
        List<String> expected = expected(query, params, reference);
        assertThat(answer(querier, params)).as("seed %d, %s", seed, params).isEqualTo(expected);
        asked++;
        found += expected.isEmpty() ? 0 : 1;
      }
      assertThat(asked).isPositive();
      assertThat(found).isGreaterThan(asked / 10);
    } finally {
      querier.close();
    }
  }

  /** Some spans in one file, some in the other, some in the Writer, and some stored twice. */
  private void store(FakeWriter writer, List<List<TestSpan>> traces) {
    List<TestSpan> spans = new ArrayList<>();
    traces.forEach(spans::addAll);
    List<List<TestSpan>> places = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (TestSpan span : spans) {
      places.get(random.nextInt(3)).add(span);
      if (random.nextInt(10) == 0) {
        places.get(random.nextInt(3)).add(span);
      }
    }
    for (int i = 0; i < places.size(); i++) {
      writer.hold(places.get(i));
      if (i < 2) {
        writer.commit();
      }
    }
  }

  private SearchParams params(String q) {
    Long start = random.nextInt(5) == 0 ? NOON / SECOND + random.nextInt(300) : null;
    Long end = start != null ? Long.valueOf(start + random.nextInt(300)) : null;
    Long least = random.nextInt(10) == 0 ? 150 * RandomTraces.MILLI : null;
    Long most = random.nextInt(10) == 0 ? 300 * RandomTraces.MILLI : null;
    return new SearchParams(q, null, least, most, 1000, start, end, 100);
  }

  private static List<String> expected(
      ReferenceQuery query, SearchParams params, List<ReferenceTrace> traces) {
    List<String> rows = new ArrayList<>();
    traces.stream()
        .sorted(
            Comparator.comparingLong(ReferenceTrace::start)
                .reversed()
                .thenComparing(trace -> trace.spans.get(0).traceId()))
        .filter(trace -> lasts(trace.duration(), params))
        .forEach(
            trace -> {
              List<Group> groups =
                  query.result(
                      trace, trace.spans.stream().filter(span -> isWithin(span, params)).toList());
              for (int i = 0; i < groups.size(); i++) {
                rows.add(row(trace, i, groups.get(i)));
              }
            });
    return rows;
  }

  private static boolean lasts(long nanos, SearchParams params) {
    Long least = params.minDurationNanos();
    Long most = params.maxDurationNanos();
    return (least == null || nanos >= least) && (most == null || nanos <= most);
  }

  private static boolean isWithin(TestSpan span, SearchParams params) {
    Long start = params.startSeconds();
    Long end = params.endSeconds();
    long second = span.startUnixNano() / SECOND;
    return (start == null || second >= start) && (end == null || second <= end);
  }

  private static String row(ReferenceTrace trace, int set, Group group) {
    List<String> spans = group.spans().stream().map(TestSpan::spanId).toList();
    Set<String> known = new TreeSet<>();
    group.known().forEach((name, value) -> known.add(attribute(name, value)));
    return row(trace.spans.get(0).traceId(), set, spans.size(), spans, known);
  }

  private static String row(
      Object traceId, Object set, Object matched, List<?> spans, Set<String> known) {
    return "%s[%s] %s of %s %s".formatted(traceId, set, spans, matched, known);
  }

  private static String attribute(String name, @Nullable Object value) {
    if (value instanceof ReferenceValues.Time time) {
      return "_int " + name + " " + time.nanos();
    }
    if (value instanceof Collection<?> || value instanceof ReferenceValues.Opaque) {
      return "_json " + name;
    }
    String type =
        value instanceof Long
            ? "_int"
            : value instanceof Double ? "_double" : value instanceof Boolean ? "_bool" : "";
    return type + " " + name + " " + (value == null ? "nil" : value);
  }

  private static List<String> answer(QuerierFixture querier, SearchParams params) throws Exception {
    List<String> rows = new ArrayList<>();
    List<Map<String, Object>> set = new ArrayList<>();
    for (Map<String, Object> row : querier.search(params).rows()) {
      if (!set.isEmpty() && !(isSame("trace_id", row, set) && isSame("spanset", row, set))) {
        rows.add(row(set));
        set.clear();
      }
      set.add(row);
    }
    if (!set.isEmpty()) {
      rows.add(row(set));
    }
    return rows;
  }

  private static boolean isSame(
      String column, Map<String, Object> row, List<Map<String, Object>> set) {
    return row.get(column).equals(set.get(0).get(column));
  }

  private static String row(List<Map<String, Object>> set) {
    Map<String, Object> first = set.get(0);
    Set<String> known = new TreeSet<>();
    for (String type : TYPES) {
      if (first.get("spanset_attributes" + type) instanceof List<?> entries) {
        for (Object entry : entries) {
          Map<?, ?> pair = (Map<?, ?>) entry;
          String name = type + " " + pair.get("key");
          known.add(type.equals("_json") ? name : name + " " + pair.get("value"));
        }
      }
    }
    return row(
        first.get("trace_id"),
        first.get("spanset"),
        first.get("matched"),
        set.stream().map(row -> row.get("span_id")).collect(Collectors.toList()),
        known);
  }
}
