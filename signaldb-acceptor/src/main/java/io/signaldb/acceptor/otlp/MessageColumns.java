package io.signaldb.acceptor.otlp;

import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.common.schema.Field;
import io.signaldb.common.schema.Field.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Writes the fields of one kind of OTLP message into their columns, bound once at start. */
final class MessageColumns {
  private final FieldWriter[] writers;
  private final RepeatedFieldWriter[] repeated;
  private final WireFrame frame;

  private MessageColumns(List<FieldWriter> writers, WireFrame frame) {
    this.writers = writers.toArray(new FieldWriter[0]);
    this.frame = frame;
    repeated =
        writers.stream()
            .filter(RepeatedFieldWriter.class::isInstance)
            .toArray(RepeatedFieldWriter[]::new);
  }

  /** How many values {@link #write} would add at the most, nulls included. */
  long cost(int row, Object message) {
    long cost = writers.length;
    for (RepeatedFieldWriter writer : repeated) {
      cost += writer.cost(row, message);
    }
    return cost;
  }

  void write(int row, Object message) {
    for (FieldWriter writer : writers) {
      writer.write(row, message);
    }
  }

  /**
   * Reads an encoded message, to be written next; {@code bytes} must not change until then.
   *
   * @throws NotPlain if it is malformed or unusual
   */
  WireFrame read(byte[] bytes, int offset, int length) {
    frame.read(bytes, offset, length);
    return frame;
  }

  /** Like {@link #cost(int, Object)}, for the message that was read. */
  long costOfRead(int row) {
    long cost = writers.length;
    for (RepeatedFieldWriter writer : repeated) {
      cost += writer.cost(row, frame);
    }
    return cost;
  }

  /**
   * Writes the message that was read.
   *
   * @throws NotPlain if something inside of it is malformed, unusual or not to be stored; some of
   *     it may have been written
   */
  void writeRead(int row) {
    for (FieldWriter writer : writers) {
      writer.write(row, frame);
    }
  }

  /**
   * Binds the fields whose source begins with {@code root}.
   *
   * @param message what {@code root} names
   * @param layout of {@code message}, where the fields get their slots
   * @param sinks receives a column for each
   * @param text makes the columns for texts
   * @throws IllegalArgumentException naming the column, if a source does not exist or has another
   *     type
   */
  static MessageColumns bind(
      String root,
      Class<?> message,
      WireLayout layout,
      List<Field> fields,
      Attributes attributes,
      StructSink sinks,
      Supplier<TextSink> text) {
    FieldBinder binder = new FieldBinder(message, layout, attributes, sinks, text);
    List<FieldWriter> writers = new ArrayList<>();
    for (Field field : fields) {
      List<String> path = path(field);
      if (path.get(0).equals(root)) {
        writers.add(binder.writer(field, path.subList(1, path.size())));
      }
    }
    return new MessageColumns(writers, new WireFrame(layout));
  }

  /** First steps of the sources of {@code fields}. */
  static List<String> roots(List<Field> fields) {
    return fields.stream().map(field -> path(field).get(0)).distinct().toList();
  }

  private static List<String> path(Field field) {
    if (field.origin() instanceof Origin.Source source) {
      return source.path();
    }
    if (field.origin() instanceof Origin.Derived derived) {
      return derived.path();
    }
    throw ProtobufGetter.wrong(field.name(), "expected source = \"…\" in the wire version");
  }

  /** Where attributes go and what they may look like. */
  record Attributes(AttributeColumns columns, AttributeLimits limits) {}
}
