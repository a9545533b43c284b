package io.signaldb.acceptor.otlp;

import java.util.List;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** Lists of values, which stand one behind the other. */
final class ValuesSink<V extends ColumnSink> extends OffsetSink {
  private final V values;
  private int count;

  ValuesSink(V values) {
    this.values = values;
  }

  /** Adds a value to the list of {@code row}; the caller puts it at the row returned. */
  int add(int row) {
    if (row >= size()) {
      mark(row);
    }
    end(row, ++count);
    return count - 1;
  }

  V values() {
    return values;
  }

  @Override
  long cells() {
    return size() + (long) count;
  }

  @Override
  Field field(String name, boolean nullable) {
    return field(name, nullable, ArrowType.List.INSTANCE, List.of(values.field("element", true)));
  }

  @Override
  void write(BatchBody body, int rows) {
    writeOffsets(body, rows);
    values.write(body, count);
  }

  @Override
  void clear() {
    super.clear();
    values.clear();
    count = 0;
  }
}
