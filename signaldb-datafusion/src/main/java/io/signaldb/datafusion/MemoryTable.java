package io.signaldb.datafusion;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.arrow.c.ArrowSchema;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A growing table of Arrow batches in native memory, each with a position. Batches are kept in the
 * encoding they came in (dictionaries stay dictionaries) and adapted to the declared schema when
 * they are scanned. A query sees what was published when it was planned, whatever is published or
 * dropped meanwhile. Its memory is not part of the runtime's pool: the owner bounds it by {@link
 * #bytes}. Thread-safe.
 */
public final class MemoryTable implements AutoCloseable {
  private final DataFusionRuntime runtime;
  private final long handle;

  private MemoryTable(DataFusionRuntime runtime, long handle) {
    this.runtime = runtime;
    this.handle = handle;
  }

  /**
   * An empty table that shows the columns of its batches.
   *
   * @param declared the columns and their types; a batch may lack those that are nullable
   * @param indexColumn a string column; a query with {@code column = value} or {@code column IN
   *     (...)} skips the batches without these values; null for none
   */
  public static MemoryTable create(
      DataFusionRuntime runtime, Schema declared, @Nullable String indexColumn) {
    return create(runtime, declared, Map.of(), indexColumn);
  }

  /**
   * An empty table that shows other columns than its batches have.
   *
   * @param declared what batches have, as above
   * @param columns what the table shows: names in their order, each with an SQL expression over
   *     declared columns, most cheaply the name of one; empty for the declared columns
   * @param indexColumn a declared column
   * @throws DataFusionException PLAN for an expression that is none over the declared columns,
   *     ARGUMENT for an unknown index column
   */
  public static MemoryTable create(
      DataFusionRuntime runtime,
      Schema declared,
      Map<String, String> columns,
      @Nullable String indexColumn) {
    try (BufferAllocator allocator = new RootAllocator();
        ArrowSchema exported = ArrowSchema.allocateNew(allocator)) {
      Data.exportSchema(allocator, declared, null, exported);
      return new MemoryTable(
          runtime,
          Native.createMemoryTable(
              runtime.handle(),
              exported.memoryAddress(),
              DataFusionRuntime.flatten(columns),
              indexColumn == null ? "" : indexColumn));
    }
  }

  /**
   * Copies, decodes and checks one batch without making it visible.
   *
   * <p>The children of a top-level column of type {@code Dictionary<_, Struct>} become columns of
   * their own; the name of that column is of no importance. Every column must be declared, its type
   * must be castable to the declared one without loss, and columns that are not nullable must be
   * present and complete.
   *
   * @param ipcStream from position to limit one Arrow IPC stream with exactly one record batch,
   *     uncompressed; direct or heap, unchanged
   * @return the caller closes it, published or not
   * @throws DataFusionException ARGUMENT naming the column and the types, or what is malformed
   */
  public StagedBatch stage(ByteBuffer ipcStream) {
    long[] size = new long[2];
    long staged;
    if (ipcStream.isDirect()) {
      staged =
          Native.stageDirect(handle, ipcStream, ipcStream.position(), ipcStream.remaining(), size);
    } else if (ipcStream.hasArray()) {
      int offset = ipcStream.arrayOffset() + ipcStream.position();
      staged = Native.stageArray(handle, ipcStream.array(), offset, ipcStream.remaining(), size);
    } else {
      byte[] copy = new byte[ipcStream.remaining()];
      ipcStream.duplicate().get(copy);
      staged = Native.stageArray(handle, copy, 0, copy.length, size);
    }
    return new StagedBatch(staged, size[0], size[1]);
  }

  /**
   * Writes rows into one Parquet file, column after column, so that it takes little memory beside
   * the table's own. Columns without a value are left out; text keeps its dictionaries.
   *
   * @param afterPosition rows of batches with a position after this one
   * @param throughPosition and up to this one
   * @param condition SQL over the table's columns and {@code _position}; empty for all rows
   * @param url as for {@link DataFrame#writeParquet}
   * @param options not {@code presorted}
   * @throws DataFusionException ARGUMENT if a column of the table is not in the options' schema, or
   *     one that is not nullable is missing or has nulls; PLAN for the condition; IO; CLOSED.
   *     Nothing is left at {@code url}
   */
  public ParquetFileInfo writeParquet(
      long afterPosition,
      long throughPosition,
      String condition,
      String url,
      ParquetWriteOptions options) {
    if (options.presorted()) {
      throw new IllegalArgumentException("The rows of a memory table are not sorted");
    }
    byte[] sql = condition.getBytes(StandardCharsets.UTF_8);
    return options.write(
        (schema, rowsAndBytes) ->
            Native.writeMemoryTable(
                runtime.handle(),
                handle,
                afterPosition,
                throughPosition,
                sql,
                url,
                schema,
                options.names(),
                options.numbers(),
                rowsAndBytes));
  }

  /**
   * Removes the batches with a position up to this one; queries that were planned still see them.
   */
  public void dropThrough(long position) {
    Native.dropThrough(handle, position);
  }

  /** Rows published and not dropped. */
  public long rows() {
    return Native.memoryTableSize(handle)[0];
  }

  /** Native memory of the rows published and not dropped. */
  public long bytes() {
    return Native.memoryTableSize(handle)[1];
  }

  /** Frees the table; queries that were planned and staged batches keep their memory. */
  @Override
  public void close() {
    Native.closeMemoryTable(handle);
  }

  long handle() {
    return handle;
  }
}
