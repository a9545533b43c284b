package io.signaldb.common.flight;

import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What a statement asks for and answers with; on the wire one row with the two schemas as IPC
 * messages.
 *
 * @param placeholders one field each, in their order; of type Null where any type would do. Empty
 *     if values have been given
 * @param answer columns of the answer
 */
public record SqlDescription(Schema placeholders, Schema answer) {
  private static final String PLACEHOLDERS = "placeholders";
  private static final String ANSWER = "answer";
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              Field.notNullable(PLACEHOLDERS, ArrowType.Binary.INSTANCE),
              Field.notNullable(ANSWER, ArrowType.Binary.INSTANCE)));

  /** The form on the wire; the caller closes it. */
  public VectorSchemaRoot toArrow(BufferAllocator allocator) {
    VectorSchemaRoot root = VectorSchemaRoot.create(SCHEMA, allocator);
    ((VarBinaryVector) root.getVector(PLACEHOLDERS)).setSafe(0, placeholders.serializeAsMessage());
    ((VarBinaryVector) root.getVector(ANSWER)).setSafe(0, answer.serializeAsMessage());
    root.setRowCount(1);
    return root;
  }

  /** Reads the form on the wire. */
  public static SqlDescription of(VectorSchemaRoot root) {
    return new SqlDescription(schema(root, PLACEHOLDERS), schema(root, ANSWER));
  }

  private static Schema schema(VectorSchemaRoot root, String column) {
    byte[] message = ((VarBinaryVector) root.getVector(column)).get(0);
    return Schema.deserializeMessage(java.nio.ByteBuffer.wrap(message));
  }
}
