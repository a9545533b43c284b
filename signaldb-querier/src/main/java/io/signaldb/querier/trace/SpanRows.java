package io.signaldb.querier.trace;

import io.signaldb.common.schema.TableSchema;
import io.signaldb.querier.read.Texts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.TransferPair;

/**
 * Rows of the traces table with all its columns, collected from batches without copying and without
 * repetition of a span. Owns its memory. Used by one thread.
 */
public final class SpanRows implements AutoCloseable {
  private final List<Field> columns;
  private final BufferAllocator allocator;
  private final List<Piece> pieces = new ArrayList<>();
  private final Set<SpanKey> seen = new HashSet<>();

  SpanRows(TableSchema schema, BufferAllocator allocator) {
    this.columns = schema.storageArrow().getFields();
    this.allocator = allocator;
  }

  private record SpanKey(String spanId, int kind) {}

  /** Rows in their own memory, by column: Arrow looks a name up by going through all vectors. */
  private record Piece(Map<String, FieldVector> vectors, int rows) implements AutoCloseable {
    boolean hasValue(String column) {
      FieldVector vector = vectors.get(column);
      return vector != null && vector.getNullCount() < rows;
    }

    @Override
    public void close() {
      vectors.values().forEach(FieldVector::close);
    }
  }

  /** Takes the visible rows of spans not seen before out of a batch. */
  void add(VectorSchemaRoot batch, IntPredicate visible) {
    VarCharVector spanIds = (VarCharVector) batch.getVector("span_id");
    IntVector kinds = (IntVector) batch.getVector("span_kind_number");
    int start = 0;
    for (int row = 0; row <= batch.getRowCount(); row++) {
      boolean wanted =
          row < batch.getRowCount()
              && visible.test(row)
              && seen.add(new SpanKey(Texts.at(spanIds, row), kinds.get(row)));
      if (!wanted) {
        if (row > start) {
          pieces.add(piece(batch, start, row - start));
        }
        start = row + 1;
      }
    }
  }

  private Piece piece(VectorSchemaRoot batch, int start, int length) {
    Map<String, FieldVector> vectors = new HashMap<>();
    for (FieldVector from : batch.getFieldVectors()) {
      TransferPair transfer = from.getTransferPair(allocator);
      transfer.splitAndTransfer(start, length);
      vectors.put(from.getName(), (FieldVector) transfer.getTo());
    }
    return new Piece(vectors, length);
  }

  /** The columns that have a value in some row, in the order of the table. */
  public Schema schema() {
    return new Schema(
        columns.stream()
            .filter(column -> pieces.stream().anyMatch(piece -> piece.hasValue(column.getName())))
            .toList());
  }

  /**
   * Moves the rows into {@code target}, one batch after the other.
   *
   * @param target has columns of {@link #schema}
   * @param send called when {@code target} is filled
   */
  public void moveTo(VectorSchemaRoot target, Consumer<VectorSchemaRoot> send) {
    for (Piece piece : pieces) {
      for (FieldVector to : target.getFieldVectors()) {
        FieldVector from = piece.vectors.get(to.getName());
        if (from == null) {
          to.reset();
          to.setValueCount(piece.rows);
        } else {
          from.makeTransferPair(to).transfer();
        }
      }
      target.setRowCount(piece.rows);
      send.accept(target);
    }
  }

  @Override
  public void close() {
    pieces.forEach(Piece::close);
    pieces.clear();
  }
}
