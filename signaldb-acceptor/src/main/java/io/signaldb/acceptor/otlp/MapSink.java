package io.signaldb.acceptor.otlp;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Maps from text to values of one type. Entries of a row are put one behind the other, all before
 * those of the next row.
 */
final class MapSink<V extends ColumnSink> extends ColumnSink {
  private final TextSink keys = TextSink.plain();
  private final V values;
  private int[] offsets = new int[1];
  private int entries;

  MapSink(V values) {
    this.values = values;
  }

  /** Adds an entry to the map of {@code row}; the caller puts its value at the row returned. */
  int putKey(int row, String key) {
    if (row >= size()) {
      mark(row);
    }
    keys.put(entries, key);
    offsets[row + 1] = ++entries;
    return entries - 1;
  }

  V values() {
    return values;
  }

  @Override
  Field field(String name, boolean nullable) {
    Field entry =
        field(
            "key_value",
            false,
            ArrowType.Struct.INSTANCE,
            List.of(keys.field("key", false), values.field("value", true)));
    return field(name, nullable, new ArrowType.Map(false), List.of(entry));
  }

  @Override
  void write(BatchBody body, int rows) {
    writeNode(body, rows);
    body.buffer(offsets, rows + 1);
    body.node(entries, 0, new byte[0]);
    keys.write(body, entries);
    values.write(body, entries);
  }

  @Override
  void clear() {
    super.clear();
    keys.clear();
    values.clear();
    entries = 0;
    offsets = offsets.length > Growth.KEPT ? new int[1] : offsets;
    offsets[0] = 0;
  }

  @Override
  void extend(int from, int to) {
    offsets = Growth.ensure(offsets, to + 1);
    Arrays.fill(offsets, from + 1, to + 1, offsets[from]);
  }
}
