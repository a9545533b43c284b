package io.signaldb.querier.read;

import io.signaldb.common.engine.Engine;
import io.signaldb.common.scan.Sql;
import io.signaldb.datafusion.DataFrame;
import io.signaldb.datafusion.DataFusionException;
import io.signaldb.datafusion.DataFusionRuntime;
import io.signaldb.datafusion.FileRef;
import io.signaldb.datafusion.MapEntry;
import io.signaldb.datafusion.SessionContext;
import io.signaldb.querier.read.TraceTable.Dataset;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queries over files of a dataset. Every query has a session of its own that knows only the files
 * handed to it. Thread-safe.
 */
public final class FileQueries {
  /** The name of the table in every query's SQL. */
  public static final String TABLE = "files";

  private static final String[] NAME = {TABLE};
  private static final Logger LOG = LoggerFactory.getLogger(FileQueries.class);

  private final Engine engine;

  public FileQueries(Engine engine) {
    this.engine = engine;
  }

  /**
   * The columns that at least one of the files has.
   *
   * @throws io.signaldb.common.error.SignalDbException what {@link QueryScope#failure} makes of it
   */
  Set<String> presentColumns(QueryScope scope, Dataset dataset, List<FileRef> files) {
    try {
      return runtime(dataset).presentColumns(files);
    } catch (DataFusionException e) {
      throw scope.failure(e);
    }
  }

  /**
   * The files that may have a row of one of the traces.
   *
   * @throws io.signaldb.common.error.SignalDbException what {@link QueryScope#failure} makes of it
   */
  Set<FileRef> filesWith(
      QueryScope scope, Dataset dataset, List<FileRef> files, Collection<String> traceIds) {
    try {
      return Set.copyOf(runtime(dataset).filesWith(files, "trace_id", traceIds));
    } catch (DataFusionException e) {
      throw scope.failure(e);
    }
  }

  /**
   * Files as a table.
   *
   * @param schema the columns the query uses
   * @param sortedBy columns of {@code schema} by which every file is sorted
   */
  record Files(Schema schema, List<FileRef> refs, List<String> sortedBy) {
    /** Names the table {@link #TABLE}. */
    void register(SessionContext session) {
      session.registerParquet(NAME, schema, refs, sortedBy);
    }
  }

  /**
   * Runs a query over files, named {@link #TABLE}.
   *
   * @throws io.signaldb.common.error.SignalDbException what {@link QueryScope#failure} makes of it
   */
  void query(QueryScope scope, Dataset dataset, Files files, Sql sql, BatchConsumer consumer) {
    run(scope, dataset, files, session -> session.sql(sql.text(), sql.params()), consumer);
  }

  /**
   * Reads the rows of files that fulfil a condition, see {@link SessionContext#select}.
   *
   * @param columns empty for all of the schema
   * @throws io.signaldb.common.error.SignalDbException what {@link QueryScope#failure} makes of it
   */
  void select(
      QueryScope scope,
      Dataset dataset,
      Files files,
      List<String> columns,
      Sql condition,
      BatchConsumer consumer) {
    run(
        scope,
        dataset,
        files,
        session -> session.select(NAME, columns, condition.text(), condition.params()),
        consumer);
  }

  private void run(
      QueryScope scope,
      Dataset dataset,
      Files files,
      Function<SessionContext, DataFrame> question,
      BatchConsumer consumer) {
    try (SessionContext session = runtime(dataset).newSession()) {
      files.register(session);
      try (DataFrame query = question.apply(session)) {
        run(scope, query, consumer);
      }
    } catch (DataFusionException | IOException e) {
      throw scope.failure(e);
    }
  }

  /** Hands out the result of a query of one of the sessions. */
  static void run(QueryScope scope, DataFrame query, BatchConsumer consumer) throws IOException {
    scope.run(query::cancel, () -> stream(scope, query, consumer));
    if (LOG.isDebugEnabled()) {
      LOG.debug("{}", query.metrics());
    }
  }

  /** A session for queries over files of the dataset and over other rows; the caller closes it. */
  SessionContext session(Dataset dataset) {
    return runtime(dataset).newSession();
  }

  /**
   * A session for a statement of a client, in which tables without a dataset are those of {@code
   * home}; the caller closes it.
   */
  SessionContext session(Dataset home, Collection<MapEntry> entries) {
    return runtime(home).newSession(home.tenantSlug(), home.slug(), entries);
  }

  /** Makes the store of a dataset known. */
  void reach(Dataset dataset) {
    engine.runtimeFor(dataset.tenantSlug(), dataset.slug());
  }

  /** The runtime, to which the store of the dataset is known. */
  private DataFusionRuntime runtime(Dataset dataset) {
    return engine.runtimeFor(dataset.tenantSlug(), dataset.slug());
  }

  private static void stream(QueryScope scope, DataFrame query, BatchConsumer consumer)
      throws IOException {
    try (ArrowReader reader = query.executeStream(scope.allocator())) {
      while (reader.loadNextBatch()) {
        scope.check();
        consumer.accept(reader.getVectorSchemaRoot(), row -> true);
      }
    }
  }
}
