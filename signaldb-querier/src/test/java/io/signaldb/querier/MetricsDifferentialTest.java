package io.signaldb.querier;

import static io.signaldb.querier.TestSpan.NOON;
import static io.signaldb.querier.TestSpan.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.flight.TimeSteps;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random queries over random spans, in files and in a Writer, against {@link ReferenceMetrics}:
 * each query once as one aggregation in the engine, and once in a form that is evaluated by trace.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsDifferentialTest {
  private static final long SEED = 20_261_125;
  private static final int SPANS = 3000;
  private static final int QUERIES = 60;
  private static final List<String> FUNCTIONS =
      List.of(
          "rate",
          "count_over_time",
          "min_over_time",
          "max_over_time",
          "avg_over_time",
          "sum_over_time",
          "quantile_over_time",
          "histogram_over_time");

  private final Random random = new Random(SEED);
  private final List<TestSpan> spans = new ArrayList<>();
  private QuerierFixture querier;

  /**
   * A field of queries.
   *
   * @param label as in the name of a series
   */
  private record Field(String text, Function<TestSpan, Object> label) {}

  /** Something that is measured; NaN for none. */
  private record Measured(String text, Function<TestSpan, Double> value, double unit) {}

  private record Filter(String text, Predicate<TestSpan> holds) {}

  private static final List<Field> FIELDS =
      List.of(
          new Field("resource.service.name", TestSpan::service),
          new Field("name", TestSpan::name),
          new Field("kind", span -> span.kind() == 2 ? "server" : "client"),
          new Field("span.x", span -> span.attributes().getOrDefault("x", "nil")),
          new Field(
              ".zone",
              span ->
                  span.attributes()
                      .getOrDefault("zone", span.resource().getOrDefault("zone", "nil"))),
          new Field(
              "span.http.route", span -> span.attributes().getOrDefault("http.route", "nil")));

  private static final List<Measured> MEASURED =
      List.of(
          new Measured("duration", span -> (double) span.durationNanos(), 1e9),
          new Measured("span.x", MetricsDifferentialTest::x, 1),
          new Measured(".x", MetricsDifferentialTest::x, 1));

  private static final List<Filter> FILTERS =
      List.of(
          new Filter("true", span -> true),
          new Filter("kind = client", span -> span.kind() == 3),
          new Filter("span.x = 1", span -> Long.valueOf(1).equals(span.attributes().get("x"))),
          new Filter("span.x != nil", span -> span.attributes().containsKey("x")),
          new Filter("duration >= 16ms", span -> span.durationNanos() >= 16_000_000),
          new Filter("name =~ `a.*`", span -> span.name().startsWith("a")),
          new Filter(
              "resource.service.name = `s1` || kind = server",
              span -> span.service().equals("s1") || span.kind() == 2));

  private static double x(TestSpan span) {
    Object value = span.attributes().get("x");
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  @BeforeAll
  void store(@TempDir Path directory) throws Exception {
    querier = new QuerierFixture(directory, Map.of());
    FakeWriter writer = querier.writer();
    List<TestSpan> batch = new ArrayList<>();
    for (int i = 0; i < SPANS; i++) {
      boolean copy = random.nextInt(20) == 0 && !spans.isEmpty();
      TestSpan span = copy ? spans.get(random.nextInt(spans.size())) : span(i);
      spans.add(span);
      batch.add(span);
      if (random.nextInt(300) == 0) {
        writer.hold(batch);
        batch.clear();
        if (random.nextInt(3) > 0) {
          writer.commit();
        }
      }
    }
    batch.add(spans.get(0));
    writer.hold(batch);
  }

  @AfterAll
  void close() {
    querier.close();
  }

  /** Times are often those of the edges of intervals. */
  private TestSpan span(int id) {
    long time = NOON + random.nextInt(60) * SECOND + random.nextInt(3) - 1;
    TestSpan span =
        TestSpan.root(Integer.toHexString(1 + random.nextInt(400)), Integer.toHexString(id + 1), 0)
            .at(time)
            .of("s" + random.nextInt(4))
            .named("ab".charAt(random.nextInt(2)) + "" + random.nextInt(3))
            .kind(2 + random.nextInt(2))
            .lasting(
                random.nextInt(4) == 0 ? 1L << random.nextInt(30) : random.nextInt(50_000_000));
    if (random.nextBoolean()) {
      span = span.with("x", x());
    }
    if (random.nextInt(3) == 0) {
      span = span.with("http.route", "/" + random.nextInt(3));
    }
    if (random.nextInt(3) == 0) {
      span = span.with("zone", "z" + random.nextInt(2));
    }
    return random.nextInt(3) == 0 ? span.withResource("zone", 7L) : span;
  }

  private Object x() {
    return switch (random.nextInt(6)) {
      case 0 -> "text";
      case 1 -> true;
      case 2 -> Double.NaN;
      case 3 -> (random.nextInt(2000) - 1000) / 8.0;
      default -> (long) random.nextInt(6);
    };
  }

  @Test
  void answersAsTheReferenceDoes() throws Exception {
    for (int i = 0; i < QUERIES; i++) {
      String function = pick(FUNCTIONS);
      Filter filter = pick(FILTERS);
      Measured measured = pick(MEASURED);
      Map<String, Function<TestSpan, Object>> by = new LinkedHashMap<>();
      for (int fields = random.nextInt(3); fields > 0; fields--) {
        Field field = pick(FIELDS);
        by.put(field.text, field.label);
      }
      long step = pick(List.of(1L, 5L, 7L, 30L)) * SECOND;
      long start = NOON + random.nextInt(10) * SECOND;
      TimeSteps steps = new TimeSteps(start, start + (1 + random.nextInt(8)) * step, step);
      String stage =
          stage(function, measured)
              + (by.isEmpty() ? "" : " by (" + String.join(", ", by.keySet()) + ")");
      Map<String, double[]> expected =
          ReferenceMetrics.series(
              function,
              spans.stream().filter(filter.holds).toList(),
              steps,
              by,
              measured.value,
              measured.unit,
              List.of(0.75));
      double share = function.equals("quantile_over_time") ? 0.01 : 1e-9;
      for (String q :
          List.of(
              "{ %s } | %s".formatted(filter.text, stage),
              "{ %1$s } || { %1$s } | %2$s".formatted(filter.text, stage))) {
        assertThat(
                ReferenceMetrics.differences(
                    expected, MetricsAnswer.series(querier, q, steps), share))
            .as("seed %d: %s, %s", SEED, q, steps)
            .isEmpty();
      }
    }
  }

  private static String stage(String function, Measured measured) {
    return switch (function) {
      case "rate", "count_over_time" -> function + "()";
      case "quantile_over_time" -> function + "(" + measured.text + ", 0.75)";
      default -> function + "(" + measured.text + ")";
    };
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
