package io.signaldb.datafusion;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.c.ArrowArrayStream;
import org.apache.arrow.c.ArrowSchema;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A set of named tables and the queries over them. Names have one part ({@code table}) or three
 * ({@code catalog, schema, table}); they are case-sensitive and need no quoting here. A table that
 * is registered again is replaced; queries that have been planned keep what they had. Thread-safe.
 */
public final class SessionContext implements AutoCloseable {
  private final long handle;

  SessionContext(long handle) {
    this.handle = handle;
  }

  /**
   * Names a table over exactly these Parquet files; nothing is read yet. All lie on one store.
   *
   * @param schema the table's columns. Those of a file are matched by name and cast; a column that
   *     a file lacks is null there
   * @param sortedBy columns by which every file is sorted, ascending, nulls first; empty if unknown
   * @throws DataFusionException ARGUMENT for a bad URL, files on several stores, or an unknown
   *     column in {@code sortedBy}
   */
  public void registerParquet(
      String[] name, Schema schema, List<FileRef> files, List<String> sortedBy) {
    try (BufferAllocator allocator = new RootAllocator();
        ArrowSchema exported = ArrowSchema.allocateNew(allocator)) {
      Data.exportSchema(allocator, schema, null, exported);
      Native.registerParquet(
          handle,
          name,
          exported.memoryAddress(),
          FileRef.urls(files),
          FileRef.sizes(files),
          sortedBy.toArray(String[]::new));
    }
  }

  /**
   * Names a view of a memory table: the batches with a position after {@code afterPosition} and up
   * to {@code throughPosition} that are published when a query is planned. It has one column more
   * than was declared: {@code _position}, a long, not null.
   */
  public void registerMemoryTable(
      String[] name, MemoryTable table, long afterPosition, long throughPosition) {
    Native.registerMemoryTable(handle, name, table.handle(), afterPosition, throughPosition);
  }

  /**
   * Reads a reader to its end, copies its batches into native memory and names the result. The
   * caller still closes the reader; none of its memory stays referenced.
   *
   * @throws DataFusionException RESOURCES if the copy does not fit into the memory pool, IO if the
   *     reader fails
   */
  public void registerReader(String[] name, BufferAllocator allocator, ArrowReader reader) {
    try (ArrowArrayStream stream = ArrowArrayStream.allocateNew(allocator)) {
      Data.exportArrayStream(allocator, reader, stream);
      Native.registerStream(handle, name, stream.memoryAddress());
    }
  }

  /**
   * Names a table whose rows are added later, by {@link #addParquet} and {@link #addReader}: a
   * query can tell what it reads of it before. All its columns are nullable.
   */
  public void registerUnion(String[] name, Schema schema) {
    try (BufferAllocator allocator = new RootAllocator();
        ArrowSchema exported = ArrowSchema.allocateNew(allocator)) {
      Data.exportSchema(allocator, schema, null, exported);
      Native.registerUnion(handle, name, exported.memoryAddress());
    }
  }

  /**
   * Adds the rows of files to a union; for queries executed from now on.
   *
   * @param files as of {@link #registerParquet}
   * @param sortedBy as of {@link #registerParquet}
   * @throws DataFusionException ARGUMENT if there is no such union, and as {@link #registerParquet}
   */
  public void addParquet(String[] name, List<FileRef> files, List<String> sortedBy) {
    Native.addParquet(
        handle, name, FileRef.urls(files), FileRef.sizes(files), sortedBy.toArray(String[]::new));
  }

  /**
   * Adds the rows of a reader to a union, copied as {@link #registerReader} does; for queries
   * executed from now on.
   *
   * @param reader of some columns of the union; the others are null in its rows
   * @throws DataFusionException ARGUMENT if there is no such union or it lacks a column of the
   *     reader, and as {@link #registerReader}
   */
  public void addReader(String[] name, BufferAllocator allocator, ArrowReader reader) {
    try (ArrowArrayStream stream = ArrowArrayStream.allocateNew(allocator)) {
      Data.exportArrayStream(allocator, reader, stream);
      Native.addStream(handle, name, stream.memoryAddress());
    }
  }

  /** Forgets a table; unknown names are ignored. */
  public void deregister(String... name) {
    Native.deregister(handle, name);
  }

  /**
   * A query, not yet looked at: errors in the text appear when it is executed.
   *
   * @param params values of {@code $1}, {@code $2} and so on: String, Long, Integer, Double,
   *     Boolean, Instant, List of String, or null
   * @throws DataFusionException ARGUMENT for a value of another class
   */
  public DataFrame sql(String sql, List<? extends @Nullable Object> params) {
    return new DataFrame(
        Native.createQuery(
            handle, sql.getBytes(StandardCharsets.UTF_8), BoundValues.encode(params)));
  }

  /** As {@link #sql(String, List)} without values. */
  public DataFrame sql(String sql) {
    return sql(sql, List.of());
  }

  /**
   * The rows of one table that fulfil a condition, without the planner, which would take time for
   * every column: for many columns of few rows.
   *
   * @param table as registered; Parquet files or a memory table
   * @param columns in the order of the result; empty for all columns of the table in its order, but
   *     those that no row can have a value in
   * @param condition SQL over the table's columns; over files only what a scan can evaluate:
   *     comparisons of columns that are not nested; empty for all rows
   * @param params as of {@link #sql}
   * @return errors appear when it is executed: PLAN for a condition or a column that does not fit
   *     the table, UNSUPPORTED for a condition that takes SQL
   * @throws DataFusionException ARGUMENT if there is no such table
   */
  public DataFrame select(
      String[] table,
      List<String> columns,
      String condition,
      List<? extends @Nullable Object> params) {
    return new DataFrame(
        Native.createSelect(
            handle,
            table,
            columns.toArray(String[]::new),
            condition.getBytes(StandardCharsets.UTF_8),
            BoundValues.encode(params)));
  }

  /** Forgets the tables. Queries made from this session go on. */
  @Override
  public void close() {
    Native.closeSession(handle);
  }
}
