package io.signaldb.querier.read;

import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Sql;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.read.TraceTable.Question;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * Finds the traces whose matching spans are the newest. Files are read newest first, until what is
 * left can only hold older spans. Thread-safe.
 */
public final class NewestTraces {
  private static final String TRACE_ID = "trace_id";
  private static final String START = "start_time_unix_nano";

  private final TraceTable table;

  public NewestTraces(TraceTable table) {
    this.table = table;
  }

  /**
   * The ids of up to {@code count} traces with a span in the range that fulfils the condition,
   * ordered by their newest such span, newest first, then by id. Fewer than {@code count} are all
   * there are.
   *
   * @param where null for all spans
   */
  public List<String> find(
      QueryScope scope, Dataset dataset, @Nullable Condition where, TimeRange range, int count) {
    List<String> shown = List.of(TRACE_ID, START);
    Newest newest = new Newest();
    try (TraceTable.View view = table.open(scope, dataset, shown, where, range, count)) {
      view.fresh(newest::add);
      view.newestFirst(
          where,
          range,
          (condition, bounds) -> question(table.schema(), condition, bounds, count),
          left -> newest.threshold(count) <= left,
          newest::add);
    }
    return newest.first(count);
  }

  private static Question question(
      TableSchema schema, @Nullable Condition where, TimeRange range, int count) {
    Set<String> columns = new HashSet<>(RowFilter.columns(schema, where));
    columns.add(TRACE_ID);
    Sql filter = RowFilter.of(schema, where, range);
    return new Question(
        columns,
        new Sql(
            "SELECT trace_id, max(start_time_unix_nano) AS newest FROM "
                + FileQueries.TABLE
                + filter.text()
                + " GROUP BY trace_id ORDER BY newest DESC, trace_id LIMIT "
                + count,
            filter.params()));
  }

  /** The newest matching span of each trace seen. */
  private static final class Newest {
    private final Map<String, Long> byTrace = new HashMap<>();

    /** Takes a batch of trace ids and times. */
    void add(VectorSchemaRoot batch, IntPredicate visible) {
      List<FieldVector> vectors = batch.getFieldVectors();
      VarCharVector ids = (VarCharVector) vectors.get(0);
      BigIntVector times = (BigIntVector) vectors.get(1);
      for (int row = 0; row < batch.getRowCount(); row++) {
        if (visible.test(row)) {
          byTrace.merge(Texts.at(ids, row), times.get(row), Math::max);
        }
      }
    }

    /** The time a further trace must exceed to be among the first {@code count}. */
    long threshold(int count) {
      return byTrace.size() < count
          ? Long.MIN_VALUE
          : byTrace.values().stream()
              .sorted(Comparator.reverseOrder())
              .skip(count - 1)
              .findFirst()
              .orElse(Long.MIN_VALUE);
    }

    List<String> first(int count) {
      return byTrace.entrySet().stream()
          .sorted(
              Map.Entry.<String, Long>comparingByValue()
                  .reversed()
                  .thenComparing(Map.Entry.comparingByKey()))
          .limit(count)
          .map(Map.Entry::getKey)
          .toList();
    }
  }
}
