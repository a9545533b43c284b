package io.signaldb.querier;

import io.signaldb.common.flight.TimeSteps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** What metrics functions are to answer, computed the plain way over spans in memory. */
final class ReferenceMetrics {
  private ReferenceMetrics() {}

  /**
   * Functions by what a query says.
   *
   * @param by text of a field and its value, by which the spans are grouped
   * @param value what is measured, in nanoseconds for durations; NaN for none
   * @param quantiles of {@code quantile_over_time}
   * @return values per step by labels, as {@link MetricsAnswer#series} has them
   */
  static Map<String, double[]> series(
      String function,
      List<TestSpan> spans,
      TimeSteps steps,
      Map<String, Function<TestSpan, Object>> by,
      Function<TestSpan, Double> value,
      double unit,
      List<Double> quantiles) {
    Map<String, List<List<Double>>> cells = new TreeMap<>();
    boolean counted = function.equals("rate") || function.equals("count_over_time");
    if (counted && by.isEmpty()) {
      cells.put("", empty(steps));
    }
    for (TestSpan span : once(spans)) {
      double measured = counted ? 1 : value.apply(span);
      if (steps.indexOf(span.startUnixNano()) < 0 || Double.isNaN(measured)) {
        continue;
      }
      List<String> labels = new ArrayList<>();
      by.forEach((field, of) -> labels.add(field + "=" + of.apply(span)));
      if (function.equals("histogram_over_time")) {
        labels.add("__bucket=" + bucket(measured) / unit);
      }
      cells
          .computeIfAbsent(String.join(", ", labels), key -> empty(steps))
          .get(steps.indexOf(span.startUnixNano()))
          .add(measured / unit);
    }
    Map<String, double[]> series = new TreeMap<>();
    cells.forEach(
        (labels, values) -> {
          if (function.equals("quantile_over_time")) {
            for (double quantile : quantiles) {
              series.put(
                  labels + (labels.isEmpty() ? "" : ", ") + "p=" + quantile,
                  values.stream().mapToDouble(cell -> quantile(cell, quantile)).toArray());
            }
          } else {
            series.put(
                labels.isEmpty() ? "__name__=" + function : labels,
                values.stream().mapToDouble(cell -> point(function, cell, steps)).toArray());
          }
        });
    return series;
  }

  /** Of spans with the same trace, id and kind the first. */
  static List<TestSpan> once(List<TestSpan> spans) {
    Map<String, TestSpan> byIdentity = new LinkedHashMap<>();
    spans.forEach(
        span -> byIdentity.putIfAbsent(span.traceId() + span.spanId() + span.kind(), span));
    return List.copyOf(byIdentity.values());
  }

  private static List<List<Double>> empty(TimeSteps steps) {
    return Stream.<List<Double>>generate(ArrayList::new).limit(steps.count()).toList();
  }

  private static double bucket(double value) {
    double bucket = value > 0 ? 0x1p-200 : 0;
    while (bucket < value) {
      bucket *= 2;
    }
    return bucket;
  }

  private static double point(String function, List<Double> cell, TimeSteps steps) {
    DoubleStream values = cell.stream().mapToDouble(Double::doubleValue);
    return switch (function) {
      case "rate" -> cell.size() / (steps.stepNanos() / 1e9);
      case "count_over_time", "histogram_over_time" -> cell.size();
      case "min_over_time" -> values.min().orElse(Double.NaN);
      case "max_over_time" -> values.max().orElse(Double.NaN);
      case "sum_over_time" -> cell.isEmpty() ? Double.NaN : values.sum();
      case "avg_over_time" -> values.average().orElse(Double.NaN);
      default -> throw new IllegalArgumentException(function);
    };
  }

  private static double quantile(List<Double> cell, double quantile) {
    double[] sorted = cell.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.max(1, (int) Math.ceil(quantile * sorted.length)) - 1];
  }

  /** Whether both have the same series, with values that differ by no more than a share. */
  static List<String> differences(
      Map<String, double[]> expected, Map<String, double[]> found, double share) {
    List<String> differences = new ArrayList<>();
    Map<String, double[]> unexpected = new HashMap<>(found);
    expected.forEach(
        (labels, values) -> {
          double[] others = unexpected.remove(labels);
          if (others == null || !near(values, others, share)) {
            differences.add(
                "expected %s but found %s"
                    .formatted(
                        MetricsAnswer.line(labels, values),
                        others == null ? "no such series" : Arrays.toString(others)));
          }
        });
    unexpected.forEach(
        (labels, values) ->
            differences.add("did not expect " + MetricsAnswer.line(labels, values)));
    return differences;
  }

  private static boolean near(double[] a, double[] b, double share) {
    for (int i = 0; i < a.length; i++) {
      boolean same =
          Double.isNaN(a[i])
              ? Double.isNaN(b[i])
              : a[i] == b[i] || Math.abs(a[i] - b[i]) <= share * Math.abs(a[i]);
      if (!same) {
        return false;
      }
    }
    return true;
  }
}
