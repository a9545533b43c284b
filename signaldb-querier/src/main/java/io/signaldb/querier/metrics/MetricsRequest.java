package io.signaldb.querier.metrics;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.TimeSteps;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.traceql.Hints;
import io.signaldb.querier.traceql.Query;
import io.signaldb.querier.traceql.TraceQl;
import io.signaldb.querier.traceql.TraceQlException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A metrics query whose parameters have been checked and whose defaults are filled in.
 *
 * @param exemplars most of the answer
 * @param maxSeries most the caller wants of the answer; null for all
 */
record MetricsRequest(
    Dataset dataset,
    Query.Metrics query,
    TimeSteps steps,
    int exemplars,
    @Nullable Integer maxSeries) {
  private static final int DEFAULT_EXEMPLARS = 100;
  private static final int MAX_EXEMPLARS = 100_000;

  /**
   * @throws SignalDbException INVALID_ARGUMENT if the query is not TraceQL or no metrics query
   */
  static MetricsRequest of(QueryTicket.QueryRange ticket) {
    Query.Metrics query = parse(ticket.q());
    return new MetricsRequest(
        new Dataset(ticket.tenantSlug(), ticket.datasetSlug()),
        query,
        ticket.steps(),
        exemplars(query.hints(), ticket.exemplars()),
        ticket.maxSeries());
  }

  /** As {@link #of(QueryTicket.QueryRange)}; instant answers have no exemplars. */
  static MetricsRequest of(QueryTicket.QueryInstant ticket) {
    return new MetricsRequest(
        new Dataset(ticket.tenantSlug(), ticket.datasetSlug()),
        parse(ticket.q()),
        ticket.interval(),
        0,
        ticket.maxSeries());
  }

  private static int exemplars(Hints hints, @Nullable Integer asked) {
    Optional<Double> number = hints.number("exemplars");
    if (number.isPresent()) {
      return (int) Math.max(0, Math.min(number.get(), MAX_EXEMPLARS));
    }
    if (!hints.truth("exemplars").orElse(true)) {
      return 0;
    }
    return asked == null ? DEFAULT_EXEMPLARS : Math.min(asked, MAX_EXEMPLARS);
  }

  private static Query.Metrics parse(String q) {
    Query query;
    try {
      query = TraceQl.parse(q);
    } catch (TraceQlException e) {
      throw new SignalDbException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
    if (query instanceof Query.Metrics metrics) {
      return metrics;
    }
    throw new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "not a metrics query: expected a metrics function such as rate() at the end of '%s'"
            .formatted(q));
  }
}
