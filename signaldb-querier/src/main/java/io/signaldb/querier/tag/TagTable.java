package io.signaldb.querier.tag;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * An answer of two text columns.
 *
 * @param first name of the first column
 * @param second name of the second column
 */
public record TagTable(String first, String second, List<Pair> rows) {
  public TagTable {
    rows = List.copyOf(rows);
  }

  /** A row. */
  public record Pair(String first, String second) {}

  /** The table as one batch; the caller closes it. */
  public VectorSchemaRoot toArrow(BufferAllocator allocator) {
    VectorSchemaRoot root =
        VectorSchemaRoot.create(new Schema(List.of(field(first), field(second))), allocator);
    try {
      VarCharVector left = (VarCharVector) root.getVector(0);
      VarCharVector right = (VarCharVector) root.getVector(1);
      for (int row = 0; row < rows.size(); row++) {
        left.setSafe(row, rows.get(row).first().getBytes(StandardCharsets.UTF_8));
        right.setSafe(row, rows.get(row).second().getBytes(StandardCharsets.UTF_8));
      }
      root.setRowCount(rows.size());
      return root;
    } catch (RuntimeException e) {
      root.close();
      throw e;
    }
  }

  private static Field field(String name) {
    return new Field(name, FieldType.notNullable(new ArrowType.Utf8()), null);
  }
}
