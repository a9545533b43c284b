package io.signaldb.querier.metrics;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.TimeSteps;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.tag.TagNames;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.MetricsExpression.OfSpans;
import io.signaldb.querier.traceql.MetricsFunction;
import io.signaldb.querier.traceql.SpansetExpression;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs metrics queries. What the engine can group by itself is one aggregation there; for the rest
 * the spans are found as in a search and grouped here. Thread-safe.
 */
public final class MetricsQueries {
  private final TraceTable table;
  private final TagNames tagNames;
  private final int maxSeries;

  /**
   * @param maxSeries most series of an answer
   */
  public MetricsQueries(TraceTable table, TagNames tagNames, int maxSeries) {
    this.table = table;
    this.tagNames = tagNames;
    this.maxSeries = maxSeries;
  }

  /**
   * The series of a query over time, with a value per step of the ticket, ordered by labels. Counts
   * are zero where there is nothing to count, other values are missing there.
   *
   * @throws SignalDbException INVALID_ARGUMENT if the query is not TraceQL or no metrics query, or
   *     if the answer has too many series or points
   */
  public List<Series> range(QueryScope scope, QueryTicket.QueryRange ticket) {
    return series(scope, MetricsRequest.of(ticket));
  }

  /**
   * The series of an instant query, with one value each, ordered by labels.
   *
   * @throws SignalDbException as {@link #range}
   */
  public List<Series> instant(QueryScope scope, QueryTicket.QueryInstant ticket) {
    return series(scope, MetricsRequest.of(ticket));
  }

  private List<Series> series(QueryScope scope, MetricsRequest request) {
    PointBudget budget = new PointBudget();
    List<Series> series =
        new SecondStages(request.steps(), ofSpans -> ofSpans(scope, request, ofSpans, budget))
            .evaluate(request.query().series()).stream()
                .filter(Series::hasValues)
                .sorted(Series.BY_LABELS)
                .toList();
    Integer wanted = request.maxSeries();
    if (wanted != null && series.size() > wanted) {
      scope.incomplete("%d of %d series are shown".formatted(wanted, series.size()));
      return series.subList(0, wanted);
    }
    if (series.size() > maxSeries) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "The query makes %d series: expected at most %d (querier.max_series);"
                  .formatted(series.size(), maxSeries)
              + " use by() with fields of fewer values, topk() or bottomk()");
    }
    return series;
  }

  private List<Series> ofSpans(
      QueryScope scope, MetricsRequest request, OfSpans ofSpans, PointBudget budget) {
    SpansetExpression spans = plain(ofSpans.spans());
    MetricsFunction function = ofSpans.function();
    if (function instanceof MetricsFunction.Compare compare) {
      return compared(scope, request, spans, compare, budget);
    }
    TimeSteps steps = request.steps();
    SpanGroups groups = new SpanGroups(function, steps, request.exemplars(), budget);
    Optional<SqlGroups> sql = SqlGroups.of(spans, function, table.schema());
    if (sql.isPresent()) {
      sql.get().fill(scope, table, request.dataset(), steps, groups);
    } else {
      List<Field> fields = Stream.concat(spans.fields(), function.fields()).distinct().toList();
      new EvaluatedSpans(spans, fields, table.schema())
          .forEach(
              scope,
              table,
              request.dataset(),
              steps,
              span -> groups.add(span, span.row().traceId(), span.row().startUnixNano()));
    }
    return groups.series();
  }

  private List<Series> compared(
      QueryScope scope,
      MetricsRequest request,
      SpansetExpression spans,
      MetricsFunction.Compare compare,
      PointBudget budget) {
    TimeSteps steps = request.steps();
    List<Field> compared = ComparedFields.find(scope, tagNames, request);
    List<Field> fields = new ArrayList<>(compared);
    spans.fields().forEach(fields::add);
    compare.fields().forEach(fields::add);
    Comparison comparison = new Comparison(compare, compared, steps, budget);
    new EvaluatedSpans(spans, fields.stream().distinct().toList(), table.schema())
        .forEach(scope, table, request.dataset(), steps, comparison::add);
    return comparison.series();
  }

  /** Without stages that only show fields, which no series does. */
  private static SpansetExpression plain(SpansetExpression spans) {
    if (!(spans instanceof SpansetExpression.Pipeline pipeline)) {
      return spans;
    }
    List<SpansetExpression> stages =
        pipeline.stages().stream()
            .filter(stage -> !(stage instanceof SpansetExpression.Select))
            .toList();
    return stages.size() == 1 ? stages.get(0) : new SpansetExpression.Pipeline(stages);
  }
}
