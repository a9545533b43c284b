package io.signaldb.acceptor.otlp;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** Booleans, one bit each. */
final class BoolSink extends ColumnSink {
  private static final byte[] NONE = {};

  private byte[] bits = NONE;

  void put(int row, boolean value) {
    mark(row);
    if (value) {
      bits[row >> 3] |= (byte) (1 << (row & 7));
    }
  }

  @Override
  Field field(String name, boolean nullable) {
    return field(name, nullable, ArrowType.Bool.INSTANCE, List.of());
  }

  @Override
  void write(BatchBody body, int rows) {
    writeNode(body, rows);
    body.buffer(bits, (rows + 7) >> 3);
  }

  @Override
  void clear() {
    super.clear();
    if (bits.length > Growth.KEPT) {
      bits = NONE;
    }
  }

  @Override
  void extend(int from, int to) {
    int needed = (to + 7) >> 3;
    bits = Growth.ensure(bits, needed);
    Arrays.fill(bits, (from + 7) >> 3, needed, (byte) 0);
  }
}
