package io.signaldb.acceptor.otlp;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The schema message of batches. From one batch to the next it is mostly the same, so the last one
 * is kept. Not thread-safe.
 */
final class SchemaMessage {
  private List<Field> fields = List.of();
  private ByteBuffer encoded = encode(fields);

  /** The message; read only. */
  ByteBuffer of(List<Field> batch) {
    if (!sameObjects(fields, batch)) {
      fields = List.copyOf(batch);
      encoded = encode(fields);
    }
    return encoded.duplicate();
  }

  /** Whether two lists hold the same objects: fields are expensive to compare. */
  @SuppressWarnings("ReferenceEquality")
  static boolean sameObjects(List<Field> some, List<Field> others) {
    if (some.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < some.size(); i++) {
      if (some.get(i) != others.get(i)) {
        return false;
      }
    }
    return true;
  }

  private static ByteBuffer encode(List<Field> fields) {
    return MessageSerializer.serializeMetadata(new Schema(fields), IpcOption.DEFAULT);
  }
}
