package io.signaldb.acceptor.otlp;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** Lists of structs, whose elements stand one behind the other. */
final class ListSink extends ColumnSink {
  private final StructSink elements;
  private int[] offsets = new int[1];

  ListSink(StructSink elements) {
    this.elements = elements;
  }

  /** The list of {@code row} is one element for each of {@code messages}. */
  void put(int row, MessageColumns columns, List<?> messages) {
    mark(row);
    int element = offsets[row];
    for (Object message : messages) {
      columns.write(element++, message);
    }
    offsets[row + 1] = element;
  }

  @Override
  Field field(String name, boolean nullable) {
    return field(
        name,
        nullable,
        ArrowType.List.INSTANCE,
        List.of(StructSink.field("element", true, elements.children())));
  }

  @Override
  void write(BatchBody body, int rows) {
    writeNode(body, rows);
    body.buffer(offsets, rows + 1);
    StructSink.write(body, elements.children(), offsets[rows]);
  }

  @Override
  void clear() {
    super.clear();
    elements.clear();
    offsets = offsets.length > Growth.KEPT ? new int[1] : offsets;
    offsets[0] = 0;
  }

  @Override
  void extend(int from, int to) {
    offsets = Growth.ensure(offsets, to + 1);
    Arrays.fill(offsets, from + 1, to + 1, offsets[from]);
  }
}
