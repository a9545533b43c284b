package io.signaldb.querier.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;

class RowBufferTest {
  private static final Schema SCHEMA =
      new Schema(List.of(Field.nullable("n", new ArrowType.Int(64, true))));

  private static void add(
      RowBuffer buffer, VectorSchemaRoot batch, int rows, IntPredicate visible) {
    BigIntVector numbers = (BigIntVector) batch.getVector(0);
    for (int row = 0; row < rows; row++) {
      numbers.setSafe(row, row);
    }
    batch.setRowCount(rows);
    buffer.add(batch, visible);
    batch.clear();
  }

  @Test
  void handsOutTheVisibleRowsAgain() throws Exception {
    List<Object> read = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot batch = VectorSchemaRoot.create(SCHEMA, allocator);
        RowBuffer buffer = new RowBuffer(allocator)) {
      assertThat(buffer.isEmpty()).isTrue();
      add(buffer, batch, 4, row -> true);
      add(buffer, batch, 6, row -> row != 2 && row != 5);
      add(buffer, batch, 3, row -> false);
      assertThat(buffer.isEmpty()).isFalse();
      while (buffer.loadNextBatch()) {
        VectorSchemaRoot root = buffer.getVectorSchemaRoot();
        for (int row = 0; row < root.getRowCount(); row++) {
          read.add(root.getVector(0).getObject(row));
        }
      }
    }
    assertThat(read).containsExactly(0L, 1L, 2L, 3L, 0L, 1L, 3L, 4L);
  }

  @Test
  void freesWhatIsNotRead() {
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot batch = VectorSchemaRoot.create(SCHEMA, allocator)) {
      try (RowBuffer buffer = new RowBuffer(allocator)) {
        add(buffer, batch, 4, row -> row > 1);
      } catch (java.io.IOException e) {
        throw new AssertionError(e);
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }
}
