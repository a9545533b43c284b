package io.signaldb.querier.metrics;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.querier.read.QueryScope;
import java.util.List;

/** Runs metrics queries. Thread-safe. */
public final class MetricsQueries {
  /**
   * The series of a query over time, with a value per step of the ticket.
   *
   * @throws SignalDbException INVALID_ARGUMENT if the query is not TraceQL or no metrics query
   */
  public List<Series> range(QueryScope scope, QueryTicket.QueryRange ticket) {
    scope.check();
    throw unimplemented(ticket.q());
  }

  /**
   * The series of an instant query, with one value each.
   *
   * @throws SignalDbException INVALID_ARGUMENT if the query is not TraceQL or no metrics query
   */
  public List<Series> instant(QueryScope scope, QueryTicket.QueryInstant ticket) {
    scope.check();
    throw unimplemented(ticket.q());
  }

  private static SignalDbException unimplemented(String q) {
    return new SignalDbException(
        ErrorCode.UNIMPLEMENTED,
        "Metrics queries cannot be run yet: '%s'; expected a query for traces".formatted(q));
  }
}
