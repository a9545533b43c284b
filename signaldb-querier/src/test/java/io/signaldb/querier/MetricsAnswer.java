package io.signaldb.querier;

import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.TimeSteps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The series of a metrics query as lines a test can compare. */
final class MetricsAnswer {
  private MetricsAnswer() {}

  static QueryTicket.QueryRange range(String q, TimeSteps steps) {
    return new QueryTicket.QueryRange("default", "default", q, steps, 0, null);
  }

  /**
   * One line for each series, {@code key=value, …: values}, with a value or {@code _} for none in
   * each step.
   */
  static List<String> lines(QuerierFixture querier, String q, TimeSteps steps) throws Exception {
    List<String> lines = new ArrayList<>();
    series(querier, q, steps).forEach((labels, values) -> lines.add(line(labels, values)));
    return lines;
  }

  static String line(String labels, double[] values) {
    StringBuilder line = new StringBuilder(labels).append(':');
    for (double value : values) {
      line.append(' ').append(Double.isNaN(value) ? "_" : number(value));
    }
    return line.toString();
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** Values per step, NaN for none, by labels. */
  static Map<String, double[]> series(QuerierFixture querier, String q, TimeSteps steps)
      throws Exception {
    Map<String, double[]> series = new TreeMap<>();
    for (Map<String, Object> row : querier.ask(range(q, steps)).rows()) {
      double[] values = new double[steps.count()];
      java.util.Arrays.fill(values, Double.NaN);
      for (Object sample : (List<?>) row.get("samples")) {
        Map<?, ?> point = (Map<?, ?>) sample;
        long millis = (Long) point.get("timestamp_ms");
        int step = steps.indexOf(millis * 1_000_000);
        values[step] = (Double) point.get("value");
      }
      if (series.put(labels((List<?>) row.get("labels")), values) != null) {
        throw new AssertionError("Two series have the labels " + row.get("labels"));
      }
    }
    return series;
  }

  static String labels(List<?> labels) {
    List<String> texts = new ArrayList<>();
    for (Object label : labels) {
      Map<?, ?> parts = (Map<?, ?>) label;
      texts.add(parts.get("key") + "=" + value(parts));
    }
    return String.join(", ", texts);
  }

  private static @Nullable Object value(Map<?, ?> parts) {
    for (String type : List.of("string", "int", "double", "bool")) {
      if (parts.get(type) != null) {
        return parts.get(type);
      }
    }
    return "nil";
  }
}
