package io.signaldb.acceptor.otlp;

import java.util.List;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** Lists of structs, whose elements stand one behind the other. */
final class ListSink extends OffsetSink {
  private final StructSink elements;

  ListSink(StructSink elements) {
    this.elements = elements;
  }

  /** The list of {@code row} is one element for each of {@code messages}. */
  void put(int row, MessageColumns columns, List<?> messages) {
    mark(row);
    int element = start(row);
    for (Object message : messages) {
      columns.write(element++, message);
    }
    end(row, element);
  }

  /** See {@link #put(int, MessageColumns, List)}; the messages of a list of {@code frame}. */
  void put(int row, MessageColumns columns, WireFrame frame, int list) {
    mark(row);
    int element = start(row);
    for (int i = 0; i < frame.count(list); i++) {
      columns.read(frame.bytes(), frame.offset(list, i), frame.length(list, i));
      columns.writeRead(element++);
    }
    end(row, element);
  }

  @Override
  long cells() {
    return size() + elements.cells();
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
    writeOffsets(body, rows);
    StructSink.write(body, elements.children(), start(rows));
  }

  @Override
  void clear() {
    super.clear();
    elements.clear();
  }
}
