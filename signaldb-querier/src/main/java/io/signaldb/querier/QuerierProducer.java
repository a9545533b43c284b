package io.signaldb.querier;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.signaldb.common.config.QuerierConfig;
import io.signaldb.common.config.SqlConfig;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.flight.FlightErrors;
import io.signaldb.common.flight.MetricsResult;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SearchResult;
import io.signaldb.common.flight.TimeSteps;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.querier.metrics.MetricsQueries;
import io.signaldb.querier.metrics.Series;
import io.signaldb.querier.metrics.SeriesAnswer;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.SqlTables;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.sql.SqlQueries;
import io.signaldb.querier.tag.TagNames;
import io.signaldb.querier.tag.TagTable;
import io.signaldb.querier.tag.TagValues;
import io.signaldb.querier.trace.FindTrace;
import io.signaldb.querier.trace.SearchAnswer;
import io.signaldb.querier.trace.SearchTraces;
import io.signaldb.querier.trace.SpanRows;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Answers query tickets over Flight {@code do_get}. Every answer ends with a message whose metadata
 * is a {@link io.signaldb.common.flight.AnswerSummary}. Thread-safe.
 */
final class QuerierProducer extends NoOpFlightProducer implements Component {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final FindTrace findTrace;
  private final SearchTraces searchTraces;
  private final MetricsQueries metrics;
  private final TagNames tagNames;
  private final TagValues tagValues;
  private final SqlQueries sql;
  private final QuerySlots slots;
  private final TenantSlots sqlSlots;
  private final Duration timeout;
  private final Duration sqlTimeout;
  private final BufferAllocator allocator;
  private final MeterRegistry meters;
  private volatile @Nullable ScheduledThreadPoolExecutor timer;

  /**
   * @param allocator borrowed
   */
  QuerierProducer(
      QuerierConfig config,
      SqlConfig sqlConfig,
      TraceTable traces,
      SqlTables tables,
      BufferAllocator allocator,
      MeterRegistry meters) {
    this.findTrace = new FindTrace(traces);
    this.searchTraces = new SearchTraces(traces);
    this.tagNames = new TagNames(traces);
    this.metrics = new MetricsQueries(traces, tagNames, config.maxSeries());
    this.tagValues = new TagValues(traces);
    this.sql = new SqlQueries(tables, sqlConfig.maxRows());
    this.slots = new QuerySlots(config.maxConcurrentQueries(), PATIENCE);
    this.sqlSlots =
        new TenantSlots(sqlConfig.maxConcurrent(), sqlConfig.maxConcurrentPerTenant(), PATIENCE);
    this.timeout = config.queryTimeout();
    this.sqlTimeout = sqlConfig.timeout();
    this.allocator = allocator;
    this.meters = meters;
    Gauge.builder("signaldb.querier.queries.running", slots, QuerySlots::running)
        .description("Queries running now")
        .register(meters);
    Gauge.builder("signaldb.querier.sql.running", sqlSlots, TenantSlots::running)
        .description("SQL statements running now")
        .register(meters);
  }

  @Override
  public void start() {
    ScheduledThreadPoolExecutor deadlines =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "signaldb-querier-deadlines");
              thread.setDaemon(true);
              return thread;
            });
    deadlines.setRemoveOnCancelPolicy(true);
    timer = deadlines;
  }

  @Override
  public void getStream(CallContext context, Ticket bytes, ServerStreamListener listener) {
    Timer.Sample sample = Timer.start(meters);
    String kind = "invalid";
    String outcome = "OK";
    try {
      QueryTicket ticket = QueryTicket.parse(bytes.getBytes());
      FlightEndpoint.caller(context).requireAccess(ticket.tenantSlug(), ticket.datasetSlug());
      kind = ticket.kind();
      Runnable release = slot(ticket);
      try {
        answer(ticket, listener);
      } finally {
        release.run();
      }
    } catch (RuntimeException e) {
      outcome = e instanceof SignalDbException known ? known.code().name() : "INTERNAL";
      listener.error(FlightErrors.toFlight(e));
    } finally {
      sample.stop(
          Timer.builder("signaldb.querier.queries")
              .description("Queries by kind of ticket and outcome")
              .tags("kind", kind, "outcome", outcome)
              .publishPercentileHistogram()
              .register(meters));
    }
  }

  /** Waits for a slot; returns what gives it back. */
  private Runnable slot(QueryTicket ticket) {
    if (ticket instanceof QueryTicket.Sql) {
      return sqlSlots.acquire(ticket.tenantSlug());
    }
    slots.acquire();
    return slots::release;
  }

  private void answer(QueryTicket ticket, ServerStreamListener listener) {
    ScheduledThreadPoolExecutor deadlines = timer;
    if (deadlines == null) {
      throw new SignalDbException(ErrorCode.UNAVAILABLE, "The Querier is stopping");
    }
    Duration limit = ticket instanceof QueryTicket.Sql ? sqlTimeout : timeout;
    try (QueryScope scope = QueryScope.open(allocator, limit, deadlines)) {
      AnswerStream answer = new AnswerStream(scope, listener);
      try {
        answer(ticket, scope, answer);
      } catch (RuntimeException e) {
        throw scope.failure(e);
      }
    }
  }

  private void answer(QueryTicket ticket, QueryScope scope, AnswerStream answer) {
    if (ticket instanceof QueryTicket.FindTrace find) {
      try (SpanRows spans = findTrace.find(scope, find);
          VectorSchemaRoot root = VectorSchemaRoot.create(spans.schema(), scope.allocator())) {
        spans.moveTo(root, answer::sendBatch);
        answer.complete(root);
      }
    } else if (ticket instanceof QueryTicket.SearchTraces search) {
      try (VectorSchemaRoot root =
          VectorSchemaRoot.create(SearchResult.SCHEMA, scope.allocator())) {
        SearchAnswer traces = new SearchAnswer(root);
        searchTraces.search(scope, search, found -> traces.write(found, answer::sendBatch));
        answer.complete(root);
      }
    } else if (ticket instanceof QueryTicket.QueryRange range) {
      series(metrics.range(scope, range), range.steps(), scope, answer);
    } else if (ticket instanceof QueryTicket.QueryInstant instant) {
      series(metrics.instant(scope, instant), instant.interval(), scope, answer);
    } else if (ticket instanceof QueryTicket.Tags tags) {
      pairs(tagNames.list(scope, tags), scope, answer);
    } else if (ticket instanceof QueryTicket.TagValues values) {
      pairs(tagValues.list(scope, values), scope, answer);
    } else if (ticket instanceof QueryTicket.Sql statement) {
      sql.run(scope, statement, answer::sendBatch, answer::complete);
    } else if (ticket instanceof QueryTicket.DescribeSql describe) {
      try (VectorSchemaRoot root =
          sql.describe(scope, describe.query()).toArrow(scope.allocator())) {
        answer.sendBatch(root);
        answer.complete(root);
      }
    } else {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "A Querier does not answer '%s' tickets: expected find_trace, search_traces, query_range,"
                  .formatted(ticket.kind())
              + " query_instant, tags, tag_values, sql or describe_sql");
    }
  }

  private static void series(
      List<Series> series, TimeSteps steps, QueryScope scope, AnswerStream answer) {
    try (VectorSchemaRoot root = VectorSchemaRoot.create(MetricsResult.SCHEMA, scope.allocator())) {
      new SeriesAnswer(root, steps).write(series, answer::sendBatch);
      answer.complete(root);
    }
  }

  private static void pairs(TagTable table, QueryScope scope, AnswerStream answer) {
    try (VectorSchemaRoot root = table.toArrow(scope.allocator())) {
      answer.sendBatch(root);
      answer.complete(root);
    }
  }

  @Override
  public void close() {
    ScheduledThreadPoolExecutor deadlines = timer;
    timer = null;
    if (deadlines != null) {
      deadlines.shutdownNow();
      try {
        if (!deadlines.awaitTermination(5, TimeUnit.SECONDS)) {
          throw new IllegalStateException("The deadline thread did not end within 5 s");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
