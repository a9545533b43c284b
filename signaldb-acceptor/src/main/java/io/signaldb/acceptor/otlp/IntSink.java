package io.signaldb.acceptor.otlp;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** Integers of 32 bits. */
final class IntSink extends ColumnSink {
  private static final ArrowType TYPE = new ArrowType.Int(32, true);
  private static final int[] NONE = {};

  private int[] values = NONE;

  void put(int row, int value) {
    mark(row);
    values[row] = value;
  }

  @Override
  Field field(String name, boolean nullable) {
    return field(name, nullable, TYPE, List.of());
  }

  @Override
  void write(BatchBody body, int rows) {
    writeNode(body, rows);
    body.buffer(values, rows);
  }

  @Override
  void clear() {
    super.clear();
    if (values.length > Growth.KEPT) {
      values = NONE;
    }
  }

  @Override
  void extend(int from, int to) {
    values = Growth.ensure(values, to);
    Arrays.fill(values, from, to, 0);
  }
}
