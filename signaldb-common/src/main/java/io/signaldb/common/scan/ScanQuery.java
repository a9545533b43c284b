package io.signaldb.common.scan;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.Column;
import io.signaldb.common.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What to read from one table.
 *
 * @param table table name
 * @param columns storage names, in the order of the answer; empty for all columns
 * @param where null for all rows
 * @param startUnixNano inclusive bound on {@code start_time_unix_nano}
 * @param endUnixNano inclusive bound on {@code start_time_unix_nano}, not before the start; both 0
 *     for no bounds
 * @param newestTraces only rows of the n traces that have the newest matching span
 * @param distinct what to read of the rows instead of their columns, which are empty then; null for
 *     the columns
 */
public record ScanQuery(
    String table,
    List<String> columns,
    @Nullable Condition where,
    long startUnixNano,
    long endUnixNano,
    @Nullable Integer newestTraces,
    @Nullable Distinct distinct) {
  /** JSON levels; a condition takes one or two. */
  private static final int MAX_DEPTH = 256;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  public ScanQuery {
    Objects.requireNonNull(table, "table");
    columns = List.copyOf(columns);
    if (startUnixNano > endUnixNano) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Start %d ns is after end %d ns".formatted(startUnixNano, endUnixNano));
    }
    if (newestTraces != null && newestTraces <= 0) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "newestTraces %d: expected a positive number".formatted(newestTraces));
    }
    if (distinct != null && (newestTraces != null || !columns.isEmpty())) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "A distinct scan of columns %s in %s traces: expected neither columns nor newestTraces"
              .formatted(columns, newestTraces));
    }
  }

  /** A query for columns. */
  public ScanQuery(
      String table,
      List<String> columns,
      @Nullable Condition where,
      long startUnixNano,
      long endUnixNano,
      @Nullable Integer newestTraces) {
    this(table, columns, where, startUnixNano, endUnixNano, newestTraces, null);
  }

  /**
   * The query as SQL.
   *
   * @param schema the table's schema
   * @param from what stands behind FROM: a table name or a subquery with storage columns
   * @param alsoSelect further columns of {@code from}, behind those asked for; of {@link #distinct}
   *     pairs the greatest value
   * @throws SignalDbException INVALID_ARGUMENT for a column the table does not have and for what
   *     {@link SqlRenderer#render} refuses
   */
  public Sql toSql(TableSchema schema, String from, String... alsoSelect) {
    List<String> selected =
        columns.isEmpty() ? schema.storage().stream().map(Column::name).toList() : columns;
    selected.forEach(column -> SqlRenderer.requireColumn(schema, column));
    List<Object> params = new ArrayList<>();
    List<String> conditions = conditions(schema, params);
    String rows = " FROM " + from + where(conditions);
    if (distinct != null) {
      String text =
          new DistinctSql(schema).render(distinct, from + where(conditions), List.of(alsoSelect));
      return new Sql(text, params);
    }
    if (newestTraces != null) {
      conditions.add(
          "\"trace_id\" IN (SELECT \"trace_id\""
              + rows
              + " GROUP BY \"trace_id\" ORDER BY max(\"start_time_unix_nano\") DESC,"
              + " \"trace_id\" LIMIT "
              + newestTraces
              + ")");
    }
    String list =
        Stream.concat(selected.stream(), Stream.of(alsoSelect))
            .map(SqlRenderer::quoted)
            .collect(Collectors.joining(", "));
    return new Sql("SELECT " + list + " FROM " + from + where(conditions), params);
  }

  /**
   * The condition on time and values as a boolean SQL expression over storage columns, empty for
   * all rows; without {@link #newestTraces}.
   *
   * @throws SignalDbException as {@link #toSql}
   */
  public Sql filter(TableSchema schema) {
    List<Object> params = new ArrayList<>();
    return new Sql(String.join(" AND ", conditions(schema, params)), params);
  }

  private List<String> conditions(TableSchema schema, List<Object> params) {
    List<String> conditions = new ArrayList<>();
    if (startUnixNano != 0 || endUnixNano != 0) {
      conditions.add("\"start_time_unix_nano\" >= " + SqlRenderer.bind(startUnixNano, params));
      conditions.add("\"start_time_unix_nano\" <= " + SqlRenderer.bind(endUnixNano, params));
    }
    if (where != null) {
      conditions.add(new SqlRenderer(schema).render(where, params));
    }
    return conditions;
  }

  /** The storage columns that the SQL reads: selected ones and those of its conditions. */
  public Set<String> columnsRead(TableSchema schema) {
    Set<String> read = new HashSet<>(columns);
    if (distinct != null) {
      read.addAll(new DistinctSql(schema).columns(distinct));
    } else if (columns.isEmpty()) {
      schema.storage().forEach(column -> read.add(column.name()));
    }
    if (where != null) {
      read.addAll(ConditionColumns.of(schema, where));
    }
    if (newestTraces != null) {
      read.add("trace_id");
    }
    if (newestTraces != null || startUnixNano != 0 || endUnixNano != 0) {
      read.add("start_time_unix_nano");
    }
    return read;
  }

  private static String where(List<String> conditions) {
    return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
  }

  /** The query as JSON, for tickets. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The query written by {@link #toJson}.
   *
   * @throws SignalDbException INVALID_ARGUMENT if the text is no such query
   */
  public static ScanQuery parse(String json) {
    try {
      return JSON.readValue(json, ScanQuery.class);
    } catch (JsonProcessingException e) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT, "Invalid scan query: " + e.getOriginalMessage(), e);
    }
  }
}
