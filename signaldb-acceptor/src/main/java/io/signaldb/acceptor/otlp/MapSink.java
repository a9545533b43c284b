package io.signaldb.acceptor.otlp;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Maps from text to values of one type. Entries of a row are put one behind the other, all before
 * those of the next row.
 */
final class MapSink<V extends ColumnSink> extends OffsetSink {
  private final TextSink keys = TextSink.plain();
  private final V values;
  private int entries;

  MapSink(V values) {
    this.values = values;
  }

  /** Adds an entry to the map of {@code row}; the caller puts its value at the row returned. */
  int putKey(int row, String key) {
    return putKey(row, key.getBytes(StandardCharsets.UTF_8));
  }

  /** See {@link #putKey(int, String)}; the key as UTF-8. */
  int putKey(int row, byte[] key) {
    if (row >= size()) {
      mark(row);
    }
    keys.put(entries, key, 0, key.length);
    end(row, ++entries);
    return entries - 1;
  }

  V values() {
    return values;
  }

  @Override
  long cells() {
    return size() + 2L * entries;
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
    writeOffsets(body, rows);
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
  }
}
