package io.signaldb.acceptor.otlp;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.signaldb.common.schema.TableSchema;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Builds batches of one table's wire schema from rows of OTLP messages. Components of the row named
 * {@code resource} and {@code scope} are written once per distinct value, in a dictionary of
 * structs; the others row by row. Not thread-safe; reused from batch to batch.
 *
 * @param <R> a record whose components are the messages that {@code source} paths begin with
 */
final class BatchBuilder<R extends Record> {
  private static final Set<String> SHARED = Set.of("resource", "scope");

  private final StructSink columns = new StructSink();
  private final List<Part<R>> parts = new ArrayList<>();
  private final BatchBody body = new BatchBody();
  private int rows;
  private int lastSize = 1 << 16;

  /**
   * Binds the table's wire fields.
   *
   * @throws IllegalArgumentException naming the column, if a source does not exist or has another
   *     type
   */
  BatchBuilder(TableSchema table, Class<R> row) {
    List<String> roots = MessageColumns.roots(table.wireFields());
    List<String> components =
        Arrays.stream(row.getRecordComponents()).map(RecordComponent::getName).toList();
    for (String root : roots) {
      if (!components.contains(root)) {
        throw new IllegalArgumentException(
            "Table %s: no message '%s' in a row, expected one of %s"
                .formatted(table.name(), root, components));
      }
    }
    for (RecordComponent component : row.getRecordComponents()) {
      parts.add(
          SHARED.contains(component.getName())
              ? new SharedPart<>(table, component)
              : new OwnPart<>(table, component, columns));
    }
  }

  int rows() {
    return rows;
  }

  void add(R row) {
    for (Part<R> part : parts) {
      part.add(rows, row);
    }
    rows++;
  }

  /** The rows as one IPC stream; only columns in which a row has a value are present. */
  ByteBuffer build() {
    int dictionaries = 0;
    List<StructSink.Child> present = columns.childrenWithValues();
    List<TextSink> dictionaryColumns = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    for (StructSink.Child child : present) {
      if (child.sink() instanceof TextSink text && text.seal(dictionaries)) {
        dictionaryColumns.add(text);
        dictionaries++;
      }
      fields.add(child.field());
    }
    List<SharedPart<R>> shared = new ArrayList<>();
    for (Part<R> part : parts) {
      if (part instanceof SharedPart<R> sharedPart && sharedPart.hasValues()) {
        shared.add(sharedPart);
        fields.add(sharedPart.field(dictionaries++));
      }
    }

    IpcStream stream = new IpcStream(lastSize);
    stream.schema(new Schema(fields));
    int id = 0;
    for (TextSink text : dictionaryColumns) {
      body.clear();
      text.writeDictionary(body);
      stream.dictionary(id++, text.distinct(), body);
    }
    for (SharedPart<R> part : shared) {
      body.clear();
      StructSink.write(body, part.structs.childrenWithValues(), part.count);
      stream.dictionary(id++, part.count, body);
    }
    body.clear();
    present.forEach(child -> child.sink().write(body, rows));
    shared.forEach(part -> part.codes.write(body, rows));
    stream.batch(rows, body);
    ByteBuffer ipc = stream.end();
    lastSize = Math.min(Growth.KEPT, ipc.remaining());
    return ipc;
  }

  /** Forgets all rows. */
  void clear() {
    columns.clear();
    parts.forEach(Part::clear);
    body.trim();
    rows = 0;
  }

  /** How one component of the row is written. */
  private abstract static sealed class Part<R extends Record> permits OwnPart, SharedPart {
    private final Function<Object, Object> getter;

    Part(RecordComponent component) {
      getter = ProtobufGetter.of(component);
    }

    final Message message(R row) {
      return (Message) getter.apply(row);
    }

    abstract void add(int row, R messages);

    abstract void clear();
  }

  private static final class OwnPart<R extends Record> extends Part<R> {
    private final MessageColumns writer;

    OwnPart(TableSchema table, RecordComponent component, StructSink columns) {
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
    void add(int row, R messages) {
      writer.write(row, message(messages));
    }

    @Override
    void clear() {}
  }

  private static final class SharedPart<R extends Record> extends Part<R> {
    private final String name;
    private final MessageColumns writer;
    private final StructSink structs = new StructSink();
    private final IntSink codes = new IntSink();
    private final Map<Message, Integer> codeOf = new HashMap<>();
    private @Nullable Message last;
    private int lastCode;
    private int count;

    SharedPart(TableSchema table, RecordComponent component) {
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
    void add(int row, R messages) {
      Message message = message(messages);
      if (message != last) {
        last = message;
        Integer known = codeOf.putIfAbsent(withoutRows(message), count);
        lastCode = known == null ? count : known;
        if (known == null) {
          writer.write(count++, message);
        }
      }
      codes.put(row, lastCode);
    }

    /** What the message says of all its rows: without its lists of messages. */
    private static Message withoutRows(Message message) {
      Message.Builder builder = message.toBuilder();
      for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
        if (field.isRepeated() && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          builder.clearField(field);
        }
      }
      return builder.build();
    }

    boolean hasValues() {
      return !structs.childrenWithValues().isEmpty();
    }

    Field field(long dictionaryId) {
      return ColumnSink.dictionaryField(
          name,
          false,
          ArrowType.Struct.INSTANCE,
          new DictionaryEncoding(dictionaryId, false, new ArrowType.Int(32, true)),
          structs.childrenWithValues().stream().map(StructSink.Child::field).toArray(Field[]::new));
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
