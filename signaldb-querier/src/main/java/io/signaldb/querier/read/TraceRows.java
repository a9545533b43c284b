package io.signaldb.querier.read;

import io.signaldb.common.scan.Sql;
import io.signaldb.datafusion.DataFrame;
import io.signaldb.datafusion.DataFusionException;
import io.signaldb.datafusion.SessionContext;
import java.io.IOException;
import java.util.List;

/**
 * All rows of a view as tables of one session, for several queries over the very same rows. Used by
 * one thread.
 */
public final class TraceRows implements AutoCloseable {
  private final QueryScope scope;
  private final SessionContext session;
  private final List<Source> sources;

  /**
   * A table that has some of the rows.
   *
   * @param filtered whether it has only rows that fulfil the condition and lie in the range the
   *     view was opened with; otherwise it may have others too
   */
  public record Source(String table, boolean filtered) {}

  /**
   * @param session closed with the rows
   */
  TraceRows(QueryScope scope, SessionContext session, List<Source> sources) {
    this.scope = scope;
    this.session = session;
    this.sources = List.copyOf(sources);
  }

  /** The tables whose rows together are all rows; none if there are no rows. */
  public List<Source> sources() {
    return sources;
  }

  /**
   * Runs SQL over the tables.
   *
   * @throws io.signaldb.common.error.SignalDbException what {@link QueryScope#failure} makes of it
   */
  public void query(Sql sql, BatchConsumer consumer) {
    try (DataFrame query = session.sql(sql.text(), sql.params())) {
      FileQueries.run(scope, query, consumer);
    } catch (DataFusionException | IOException e) {
      throw scope.failure(e);
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
