package io.signaldb.querier.read;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.IntPredicate;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Rows that were handed out, to be read again: the visible ones only. Their memory stays that of
 * the batches. Used by one thread.
 */
final class RowBuffer extends ArrowReader {
  private final Queue<ArrowRecordBatch> batches = new ArrayDeque<>();
  private @Nullable Schema schema;
  private long bytesRead;

  RowBuffer(BufferAllocator allocator) {
    super(allocator);
  }

  /** Whether there is nothing to read, not even a schema. */
  boolean isEmpty() {
    return schema == null;
  }

  /** Takes the visible rows of a batch; all batches have one schema. */
  void add(VectorSchemaRoot batch, IntPredicate visible) {
    schema = batch.getSchema();
    int row = 0;
    while (row < batch.getRowCount()) {
      int end = row;
      while (end < batch.getRowCount() && visible.test(end)) {
        end++;
      }
      if (end > row) {
        add(batch, row, end);
      }
      row = end + 1;
    }
  }

  private void add(VectorSchemaRoot batch, int start, int end) {
    if (end - start == batch.getRowCount()) {
      batches.add(new VectorUnloader(batch).getRecordBatch());
      return;
    }
    try (VectorSchemaRoot slice = batch.slice(start, end - start)) {
      batches.add(new VectorUnloader(slice).getRecordBatch());
    }
  }

  @Override
  public boolean loadNextBatch() {
    try (ArrowRecordBatch next = batches.poll()) {
      if (next == null) {
        return false;
      }
      bytesRead += next.computeBodyLength();
      prepareLoadNextBatch(next);
      return true;
    }
  }

  private void prepareLoadNextBatch(ArrowRecordBatch next) {
    try {
      prepareLoadNextBatch();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // only reading dictionaries could fail
    }
    loadRecordBatch(next);
  }

  @Override
  public long bytesRead() {
    return bytesRead;
  }

  @Override
  protected void closeReadSource() {
    batches.forEach(ArrowRecordBatch::close);
    batches.clear();
  }

  @Override
  protected Schema readSchema() {
    if (schema == null) {
      throw new IllegalStateException("No batch has been added");
    }
    return schema;
  }
}
