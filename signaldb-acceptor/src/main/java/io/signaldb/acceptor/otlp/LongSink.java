package io.signaldb.acceptor.otlp;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** Values of 64 bits: integers, or doubles by their bits. */
final class LongSink extends ColumnSink {
  private static final long[] NONE = {};

  private final ArrowType type;
  private long[] values = NONE;

  private LongSink(ArrowType type) {
    this.type = type;
  }

  static LongSink ofLongs() {
    return new LongSink(new ArrowType.Int(64, true));
  }

  static LongSink ofDoubles() {
    return new LongSink(new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE));
  }

  void put(int row, long value) {
    mark(row);
    values[row] = value;
  }

  /** Every NaN keeps its bits. */
  void put(int row, double value) {
    put(row, Double.doubleToRawLongBits(value));
  }

  @Override
  Field field(String name, boolean nullable) {
    return field(name, nullable, type, List.of());
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
