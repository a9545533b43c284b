package io.signaldb.acceptor.otlp;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.signaldb.common.schema.TableSchema;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** How the messages of one component of a row are written. Not thread-safe. */
abstract sealed class RowPart {
  private final Function<Object, Object> accessor;

  private RowPart(RecordComponent component) {
    accessor = ProtobufGetter.of(component);
  }

  /** Writes the message that {@code messages}, the row, has in this component. */
  abstract void add(int row, Object messages);

  /** How many values {@link #add} would add at the most, nulls included. */
  abstract long cost(int row, Object messages);

  /** How many values there are beside the columns of the batch, nulls included. */
  abstract long cells();

  abstract void clear();

  final Message message(Object messages) {
    return (Message) accessor.apply(messages);
  }

  /** A message per row, written into the columns of the batch. */
  static final class Own extends RowPart {
    private final MessageColumns writer;

    Own(TableSchema table, RecordComponent component, StructSink columns) {
      super(component);
      writer =
          MessageColumns.bind(
              component.getName(),
              component.getType(),
              table.wireFields(),
              table.attributes(),
              columns,
              TextSink::adaptive);
    }

    @Override
    void add(int row, Object messages) {
      writer.write(row, message(messages));
    }

    @Override
    long cost(int row, Object messages) {
      return writer.cost(row, message(messages));
    }

    @Override
    long cells() {
      return 0;
    }

    @Override
    void clear() {}
  }

  /** A message that many rows share: a dictionary of structs and a number per row. */
  static final class Shared extends RowPart {
    private final String name;
    private final MessageColumns writer;
    private final StructSink structs = new StructSink();
    private final IntSink codes = new IntSink();

    /** Keys are serialized messages: as strings they are comparable, which keeps lookups fast. */
    private final Map<String, Integer> codeOf = new HashMap<>();

    private @Nullable Message last;
    private int lastCode;
    private int count;

    Shared(TableSchema table, RecordComponent component) {
      super(component);
      name = component.getName();
      writer =
          MessageColumns.bind(
              name,
              component.getType(),
              table.wireFields(),
              table.attributes(),
              structs,
              TextSink::plain);
    }

    @Override
    void add(int row, Object messages) {
      Message message = message(messages);
      if (message != last) {
        last = message;
        Integer known = codeOf.putIfAbsent(key(message), count);
        lastCode = known == null ? count : known;
        if (known == null) {
          writer.write(count++, message);
        }
      }
      codes.put(row, lastCode);
    }

    @Override
    long cost(int row, Object messages) {
      Message message = message(messages);
      return 1 + (message == last ? 0 : writer.cost(count, message));
    }

    @Override
    long cells() {
      return codes.cells() + structs.cells();
    }

    /** What the message says of all its rows: without its lists of messages. */
    private static String key(Message message) {
      Message.Builder builder = message.toBuilder();
      for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
        if (field.isRepeated() && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          builder.clearField(field);
        }
      }
      return new String(builder.build().toByteArray(), StandardCharsets.ISO_8859_1);
    }

    boolean hasValues() {
      return !structs.childrenWithValues().isEmpty();
    }

    /** Distinct messages. */
    int count() {
      return count;
    }

    Field field(long dictionaryId) {
      return ColumnSink.dictionaryField(
          name,
          false,
          ArrowType.Struct.INSTANCE,
          new DictionaryEncoding(dictionaryId, false, new ArrowType.Int(32, true)),
          structs.childrenWithValues().stream().map(StructSink.Child::field).toArray(Field[]::new));
    }

    void writeDictionary(BatchBody body) {
      StructSink.write(body, structs.childrenWithValues(), count);
    }

    void write(BatchBody body, int rows) {
      codes.write(body, rows);
    }

    @Override
    void clear() {
      structs.clear();
      codes.clear();
      codeOf.clear();
      last = null;
      count = 0;
    }
  }
}
