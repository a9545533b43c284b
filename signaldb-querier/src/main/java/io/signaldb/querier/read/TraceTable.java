package io.signaldb.querier.read;

import io.signaldb.common.iceberg.TableSnapshot;
import io.signaldb.common.scan.AbsentColumns;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Distinct;
import io.signaldb.common.scan.ScanQuery;
import io.signaldb.common.scan.Sql;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.datafusion.DataFusionException;
import io.signaldb.datafusion.FileRef;
import io.signaldb.datafusion.SessionContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The {@code traces} table of any dataset: committed and fresh rows as one. The order of reading
 * makes it exact: Writers pin their positions first, then the snapshot is read, then fresh rows at
 * or below the snapshot's watermarks are dropped. Thread-safe.
 */
public final class TraceTable {
  /** Rows of the first group of files; each further group is twice as large. */
  private static final long FIRST_GROUP_ROWS = 250_000;

  private static final String FRESH = "fresh";

  private final TableSchema schema;
  private final Snapshots snapshots;
  private final WriterStreams writers;
  private final FileQueries queries;
  private final FilePlans plans = new FilePlans();

  /** Where the current snapshot of a table comes from. */
  @FunctionalInterface
  public interface Snapshots {
    /** The table as of now, empty if there is none. */
    Optional<TableSnapshot> current(String tenantSlug, String datasetSlug, String table);
  }

  /**
   * @param schema of the table {@code traces}
   */
  public TraceTable(
      TableSchema schema, Snapshots snapshots, WriterStreams writers, FileQueries queries) {
    this.schema = schema;
    this.snapshots = snapshots;
    this.writers = writers;
    this.queries = queries;
  }

  public TableSchema schema() {
    return schema;
  }

  /**
   * A view of one dataset at one moment, for one question to the Writers.
   *
   * @param where what fresh rows must fulfil, null for all
   * @param newestTraces how many traces' rows Writers send at most, null for all
   * @return the caller closes it
   */
  public View open(
      QueryScope scope,
      Dataset dataset,
      List<String> columns,
      @Nullable Condition where,
      TimeRange range,
      @Nullable Integer newestTraces) {
    return open(scope, dataset, scan(columns, where, range, newestTraces, null), range);
  }

  /** As {@link #open(QueryScope, Dataset, List, Condition, TimeRange, Integer)}, for a set. */
  public View open(
      QueryScope scope,
      Dataset dataset,
      Distinct distinct,
      @Nullable Condition where,
      TimeRange range) {
    return open(scope, dataset, scan(List.of(), where, range, null, distinct), range);
  }

  private View open(QueryScope scope, Dataset dataset, ScanQuery query, TimeRange range) {
    FreshRows fresh = FreshRows.open(scope, writers, dataset.tenantSlug(), dataset.slug(), query);
    try {
      Optional<TableSnapshot> snapshot =
          snapshots.current(dataset.tenantSlug(), dataset.slug(), schema.name());
      return new View(
          scope,
          dataset,
          fresh,
          snapshot.map(TableSnapshot::watermarks).orElse(Map.of()),
          snapshot.map(plans::files).orElse(List.of()).stream()
              .filter(file -> file.mayHold(range))
              .toList());
    } catch (RuntimeException e) {
      fresh.close();
      throw e;
    }
  }

  /**
   * Reads whole rows that fulfil a condition, committed ones first.
   *
   * @param columns empty for all; a batch then lacks columns without values
   * @param traceIds the traces the condition asks for
   */
  public void read(
      QueryScope scope,
      Dataset dataset,
      List<String> columns,
      Condition where,
      Collection<String> traceIds,
      TimeRange range,
      BatchConsumer consumer) {
    try (View view = open(scope, dataset, columns, where, range, null)) {
      view.select(view.filesWith(traceIds), scan(columns, where, range, null, null), consumer);
      view.fresh(consumer);
    }
  }

  private ScanQuery scan(
      List<String> columns,
      @Nullable Condition where,
      TimeRange range,
      @Nullable Integer newestTraces,
      @Nullable Distinct distinct) {
    boolean unbounded = range.equals(TimeRange.ALL);
    return new ScanQuery(
        schema.name(),
        columns,
        where,
        unbounded ? 0 : range.startUnixNano(),
        unbounded ? 0 : range.endUnixNano(),
        newestTraces,
        distinct);
  }

  /**
   * Whose rows.
   *
   * @param slug of the dataset within the tenant
   */
  public record Dataset(String tenantSlug, String slug) {}

  /**
   * What to ask of a group of files.
   *
   * @param columns storage columns the SQL uses
   * @param sql over the table {@link FileQueries#TABLE}
   */
  public record Question(Collection<String> columns, Sql sql) {}

  /** Makes the question to a group of files. */
  @FunctionalInterface
  public interface Ask {
    /**
     * @param where null for all rows
     */
    Question of(@Nullable Condition where, TimeRange range);
  }

  /** Takes what is found in the files of one hour. */
  public interface HourConsumer {
    /** The result of the query over the files. */
    void rows(VectorSchemaRoot batch, IntPredicate all);

    /** All of the hour has been handed out. */
    void complete();
  }

  /** See {@link #open}. Used by one thread. */
  public final class View implements AutoCloseable {
    private final QueryScope scope;
    private final Dataset dataset;
    private final FreshRows fresh;
    private final Map<UUID, Long> watermarks;
    private final List<TableFile> files;

    private View(
        QueryScope scope,
        Dataset dataset,
        FreshRows fresh,
        Map<UUID, Long> watermarks,
        List<TableFile> files) {
      this.scope = scope;
      this.dataset = dataset;
      this.fresh = fresh;
      this.watermarks = watermarks;
      this.files = files;
    }

    /**
     * Asks the files, those with the newest rows first, a growing group at a time, each group by
     * itself.
     *
     * @param where on the rows, null for all
     * @param ask told of each group what the condition and the range come to in its files
     * @param goOn asked before each group with the start of the newest span that may be left
     */
    public void newestFirst(
        @Nullable Condition where,
        TimeRange range,
        Ask ask,
        LongPredicate goOn,
        BatchConsumer consumer) {
      long groupRows = FIRST_GROUP_ROWS;
      int next = 0;
      while (next < files.size() && goOn.test(files.get(next).maxStartUnixNano())) {
        int end = next;
        long rows = 0;
        while (end < files.size() && rows < groupRows) {
          rows += files.get(end++).rows();
        }
        query(files.subList(next, end), where, range, ask, consumer);
        next = end;
        groupRows *= 2;
      }
    }

    private void query(
        List<TableFile> group,
        @Nullable Condition where,
        TimeRange range,
        Ask ask,
        BatchConsumer consumer) {
      Condition left = where;
      if (where != null) {
        left = new AbsentColumns(schema, present(group)).simplify(where);
        if (left.equals(AbsentColumns.NONE)) {
          inspected(group);
          return;
        }
      }
      boolean inside = group.stream().allMatch(file -> file.liesIn(range));
      Question question =
          ask.of(AbsentColumns.ALL.equals(left) ? null : left, inside ? TimeRange.ALL : range);
      query(group, question.columns(), question.sql(), consumer);
    }

    /** Finds a set, see {@link Distinct}, in the files as {@link #newestFirst} does. */
    public void newestFirst(
        Distinct distinct,
        @Nullable Condition where,
        TimeRange range,
        BooleanSupplier goOn,
        BatchConsumer consumer) {
      newestFirst(
          where,
          range,
          (condition, bounds) -> {
            ScanQuery query = scan(List.of(), condition, bounds, null, distinct);
            return new Question(query.columnsRead(schema), query.toSql(schema, FileQueries.TABLE));
          },
          left -> goOn.getAsBoolean(),
          consumer);
    }

    /**
     * Finds a set in all rows of files, whatever their time: the files of one hour at a time, the
     * newest first.
     *
     * @param wanted which files to read, by their URLs
     * @param goOn asked before each hour
     * @param hours makes what takes that of the files with these URLs, at least one
     */
    public void eachHour(
        Distinct distinct,
        Predicate<String> wanted,
        BooleanSupplier goOn,
        Function<List<String>, HourConsumer> hours) {
      ScanQuery query = scan(List.of(), null, TimeRange.ALL, null, distinct);
      Sql sql = query.toSql(schema, FileQueries.TABLE);
      for (List<TableFile> hour : filesByHour(wanted)) {
        if (!goOn.getAsBoolean()) {
          return;
        }
        HourConsumer consumer = hours.apply(hour.stream().map(file -> file.ref().url()).toList());
        query(hour, query.columnsRead(schema), sql, consumer::rows);
        consumer.complete();
      }
    }

    private Collection<List<TableFile>> filesByHour(Predicate<String> wanted) {
      return files.stream()
          .filter(file -> wanted.test(file.ref().url()))
          .collect(
              Collectors.groupingBy(
                  file -> TimeUnit.NANOSECONDS.toHours(file.maxStartUnixNano()),
                  LinkedHashMap::new,
                  Collectors.toList()))
          .values();
    }

    /**
     * All rows as tables of one session. Reads the fresh rows.
     *
     * @param columns storage columns that are used of rows in files; fresh ones have those the view
     *     was opened with
     * @return the caller closes it
     */
    public TraceRows rows(Collection<String> columns) {
      List<TraceRows.Source> sources = new ArrayList<>();
      SessionContext session = queries.session(dataset);
      try (RowBuffer fresh = new RowBuffer(scope.allocator())) {
        if (!files.isEmpty()) {
          inspected(files);
          files(files, columns).register(session);
          sources.add(new TraceRows.Source(FileQueries.TABLE, false));
        }
        fresh(fresh::add);
        if (!fresh.isEmpty()) {
          session.registerReader(new String[] {FRESH}, scope.allocator(), fresh);
          sources.add(new TraceRows.Source(FRESH, true));
        }
        return new TraceRows(scope, session, sources);
      } catch (DataFusionException | IOException e) {
        session.close();
        throw scope.failure(e);
      } catch (RuntimeException e) {
        session.close();
        throw e;
      }
    }

    /** Reads the fresh rows; once. */
    public void fresh(BatchConsumer consumer) {
      fresh.read(watermarks, consumer);
    }

    private List<TableFile> filesWith(Collection<String> traceIds) {
      List<TableFile> possible = files.stream().filter(file -> file.mayHoldAny(traceIds)).toList();
      if (possible.isEmpty()) {
        return possible;
      }
      List<FileRef> refs = possible.stream().map(TableFile::ref).toList();
      Set<FileRef> found = queries.filesWith(scope, dataset, refs, traceIds);
      return possible.stream().filter(file -> found.contains(file.ref())).toList();
    }

    private Set<String> present(List<TableFile> of) {
      return queries.presentColumns(scope, dataset, of.stream().map(TableFile::ref).toList());
    }

    private void query(
        List<TableFile> of, Collection<String> columns, Sql sql, BatchConsumer consumer) {
      if (!of.isEmpty()) {
        inspected(of);
        queries.query(scope, dataset, files(of, columns), sql, consumer);
      }
    }

    /** Whole rows or some columns of them, without planning. */
    private void select(List<TableFile> of, ScanQuery scan, BatchConsumer consumer) {
      if (!of.isEmpty()) {
        inspected(of);
        Set<String> columns = scan.columnsRead(schema);
        if (scan.columns().isEmpty()) {
          columns.retainAll(present(of));
        }
        queries.select(
            scope, dataset, files(of, columns), scan.columns(), scan.filter(schema), consumer);
      }
    }

    private void inspected(List<TableFile> of) {
      scope.inspected(
          of.stream().mapToLong(TableFile::rows).sum(),
          of.stream().mapToLong(file -> file.ref().size()).sum());
    }

    /**
     * @param columns those that are used; others are ignored
     */
    private FileQueries.Files files(List<TableFile> of, Collection<String> columns) {
      Set<String> used = Set.copyOf(columns);
      return new FileQueries.Files(
          new Schema(
              schema.storageArrow().getFields().stream()
                  .filter(field -> used.contains(field.getName()))
                  .toList()),
          of.stream().map(TableFile::ref).toList(),
          schema.sortBy().stream().takeWhile(used::contains).toList());
    }

    @Override
    public void close() {
      fresh.close();
    }
  }
}
