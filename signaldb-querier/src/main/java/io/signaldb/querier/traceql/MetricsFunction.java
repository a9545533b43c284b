package io.signaldb.querier.traceql;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How spans become time series, one or more for each combination of the values of {@link #by}. */
public sealed interface MetricsFunction {
  /** What the series are grouped by; empty for no grouping. */
  List<FieldExpression.Field> by();

  /** The fields read of each span, those of {@link #by} included. */
  Stream<FieldExpression.Field> fields();

  /** The function as a query writes it. */
  String text();

  /**
   * {@code rate()}, spans a second, and {@code count_over_time()}, spans an interval.
   *
   * @param perSecond true for {@code rate()}
   */
  record Count(boolean perSecond, List<FieldExpression.Field> by) implements MetricsFunction {
    public Count {
      by = List.copyOf(by);
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return by.stream();
    }

    @Override
    public String text() {
      return (perSecond ? "rate()" : "count_over_time()") + grouping(by);
    }
  }

  /**
   * {@code min_over_time(x)} and its kind.
   *
   * @param function any but {@link ScalarExpression.Function#COUNT}
   * @param of a number or duration; spans without one do not take part
   */
  record OverTime(
      ScalarExpression.Function function, FieldExpression.Field of, List<FieldExpression.Field> by)
      implements MetricsFunction {
    public OverTime {
      by = List.copyOf(by);
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return Stream.concat(Stream.of(of), by.stream());
    }

    @Override
    public String text() {
      return "%s_over_time(%s)%s"
          .formatted(function.name().toLowerCase(Locale.ROOT), of.text(), grouping(by));
    }
  }

  /**
   * {@code quantile_over_time(x, 0.9, …)}: a series for each quantile.
   *
   * @param of a number or duration; spans without one do not take part
   * @param quantiles at least one, from 0 to 1
   */
  record Quantiles(FieldExpression.Field of, List<Double> quantiles, List<FieldExpression.Field> by)
      implements MetricsFunction {
    public Quantiles {
      quantiles = List.copyOf(quantiles);
      by = List.copyOf(by);
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return Stream.concat(Stream.of(of), by.stream());
    }

    @Override
    public String text() {
      return "quantile_over_time(%s, %s)%s"
          .formatted(
              of.text(),
              quantiles.stream().map(String::valueOf).collect(Collectors.joining(", ")),
              grouping(by));
    }
  }

  /**
   * {@code histogram_over_time(x)}: a series for each bucket.
   *
   * @param of a number or duration; spans without one do not take part
   */
  record Histogram(FieldExpression.Field of, List<FieldExpression.Field> by)
      implements MetricsFunction {
    public Histogram {
      by = List.copyOf(by);
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return Stream.concat(Stream.of(of), by.stream());
    }

    @Override
    public String text() {
      return "histogram_over_time(%s)%s".formatted(of.text(), grouping(by));
    }
  }

  /**
   * {@code compare({…}, n, start, end)}: how often each value of each attribute occurs among the
   * spans selected, and among the others.
   *
   * @param topN positive; how many values of an attribute are told
   * @param window only spans within are selected; null for no bound
   */
  record Compare(SpansetExpression.Filter selection, int topN, @Nullable Window window)
      implements MetricsFunction {
    /** What {@link #topN} is where the query does not say. */
    public static final int DEFAULT_TOP_N = 10;

    /**
     * Bounds on the start of spans.
     *
     * @param startUnixNano inclusive
     * @param endUnixNano exclusive, after the start
     */
    public record Window(long startUnixNano, long endUnixNano) {}

    @Override
    public List<FieldExpression.Field> by() {
      return List.of();
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return selection.fields();
    }

    @Override
    public String text() {
      return "compare(%s, %d%s)"
          .formatted(
              selection.text(),
              topN,
              window == null
                  ? ""
                  : ", %d, %d".formatted(window.startUnixNano(), window.endUnixNano()));
    }
  }

  private static String grouping(List<FieldExpression.Field> fields) {
    return fields.isEmpty()
        ? ""
        : fields.stream().map(FieldExpression::text).collect(Collectors.joining(", ", " by(", ")"));
  }
}
