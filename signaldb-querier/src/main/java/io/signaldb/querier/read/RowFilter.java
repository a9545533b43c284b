package io.signaldb.querier.read;

import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.ConditionColumns;
import io.signaldb.common.scan.Sql;
import io.signaldb.common.scan.SqlRenderer;
import io.signaldb.common.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A condition and a time range as the WHERE of a query over spans. */
public final class RowFilter {
  private static final String START = "start_time_unix_nano";

  private RowFilter() {}

  /**
   * The clause, beginning with {@code WHERE}; empty if every row is wanted.
   *
   * @param where null for all rows
   */
  public static Sql of(TableSchema schema, @Nullable Condition where, TimeRange range) {
    List<String> conditions = new ArrayList<>();
    List<Object> params = new ArrayList<>();
    if (where != null) {
      Sql rendered = new SqlRenderer(schema).render(where);
      conditions.add(rendered.text());
      params.addAll(rendered.params());
    }
    if (!range.equals(TimeRange.ALL)) {
      conditions.add(START + " >= $" + (params.size() + 1));
      conditions.add(START + " <= $" + (params.size() + 2));
      params.add(range.startUnixNano());
      params.add(range.endUnixNano());
    }
    return new Sql(
        conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions), params);
  }

  /** The storage columns the clause reads. */
  public static Set<String> columns(TableSchema schema, @Nullable Condition where) {
    Set<String> columns = new HashSet<>(Set.of(START));
    if (where != null) {
      columns.addAll(ConditionColumns.of(schema, where));
    }
    return columns;
  }
}
