package io.signaldb.datafusion;

import java.nio.ByteBuffer;
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
  private final long handle;

  private MemoryTable(long handle) {
    this.handle = handle;
  }

  /**
   * An empty table.
   *
   * @param declared the columns and their types; a batch may lack those that are nullable
   * @param indexColumn a string column; a query with {@code column = value} or {@code column IN
   *     (...)} skips the batches without these values; null for none
   */
  public static MemoryTable create(
      DataFusionRuntime runtime, Schema declared, @Nullable String indexColumn) {
    try (BufferAllocator allocator = new RootAllocator();
        ArrowSchema exported = ArrowSchema.allocateNew(allocator)) {
      Data.exportSchema(allocator, declared, null, exported);
      return new MemoryTable(
          Native.createMemoryTable(
              runtime.handle(), exported.memoryAddress(), indexColumn == null ? "" : indexColumn));
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
