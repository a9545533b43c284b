package io.signaldb.acceptor.otlp;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.signaldb.common.schema.TableSchema;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** How the messages of one component of a row are written. Not thread-safe. */
abstract sealed class RowPart {
  private final String component;
  private final Function<Object, Object> accessor;

  private RowPart(RecordComponent component) {
    this.component = component.getName();
    accessor = ProtobufGetter.of(component);
  }

  /** Name of the component. */
  final String component() {
    return component;
  }

  /** Writes the message that {@code messages}, the row, has in this component. */
  abstract void add(int row, Object messages);

  /** How many values {@link #add} would add at the most, nulls included. */
  abstract long cost(int row, Object messages);

  /**
   * Writes the message that was read last for this component.
   *
   * @throws NotPlain as {@link MessageColumns#writeRead} does
   */
  abstract void addRead(int row);

  /** How many values {@link #addRead} would add at the most, nulls included. */
  abstract long costOfRead(int row);

  /** How many values there are beside the columns of the batch, nulls included. */
  abstract long cells();

  abstract void clear();

  final Message message(Object messages) {
    return (Message) accessor.apply(messages);
  }

  /** A message per row, written into the columns of the batch. */
  static final class Own extends RowPart {
    private final WireLayout layout;
    private final MessageColumns writer;

    Own(
        TableSchema table,
        RecordComponent component,
        MessageColumns.Attributes attributes,
        StructSink columns) {
      super(component);
      layout = WireLayout.of(component.getType());
      writer =
          MessageColumns.bind(
              component(),
              component.getType(),
              layout,
              table.wireFields(),
              attributes,
              columns,
              TextSink::adaptive);
    }

    /** How {@link #read} lays out a message. */
    WireLayout layout() {
      return layout;
    }

    /** See {@link MessageColumns#read}. */
    WireFrame read(byte[] bytes, int offset, int length) {
      return writer.read(bytes, offset, length);
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
    void addRead(int row) {
      writer.writeRead(row);
    }

    @Override
    long costOfRead(int row) {
      return writer.costOfRead(row);
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
    /** Encoded messages are remembered up to so many bytes of them. */
    private static final int MAX_KNOWN_BYTES = 1 << 20;

    private final MessageColumns writer;
    private final StructSink structs = new StructSink();
    private final IntSink codes = new IntSink();

    /** Keys are serialized messages: as strings they are comparable, which keeps lookups fast. */
    private final Map<String, Integer> codeOf = new HashMap<>();

    /** Encoded messages of this and earlier batches. */
    private final BytesTable<Known> known = new BytesTable<>();

    private final Parser<? extends Message> parser;
    private @Nullable Known read;
    private boolean readAgain;
    private long batch;
    private @Nullable Field field;
    private @Nullable Message last;
    private int lastCode;
    private int count;

    /** An encoded message and its number in the batch that used it last. */
    private static final class Known extends BytesTable.Entry {
      private final String key;
      private long batch = -1;
      private int code;

      Known(byte[] bytes, int length, String key) {
        super(bytes, 0, length);
        this.key = key;
      }
    }

    Shared(TableSchema table, RecordComponent component, MessageColumns.Attributes attributes) {
      super(component);
      WireLayout layout = WireLayout.of(component.getType());
      parser = layout.parser();
      writer =
          MessageColumns.bind(
              component(),
              component.getType(),
              layout,
              table.wireFields(),
              attributes,
              structs,
              TextSink::plain);
    }

    /**
     * Reads an encoded message for the rows added next.
     *
     * @param bytes without its lists of messages, from the start of the array
     * @throws NotPlain if it is malformed or unusual
     */
    void read(byte[] bytes, int length) {
      Known found = known.find(bytes, 0, length);
      if (found == null) {
        Message message = WireFrame.parse(parser, bytes, 0, length);
        if (known.totalBytes() > MAX_KNOWN_BYTES) {
          known.clear();
        }
        found = new Known(bytes, length, key(message));
        known.add(found);
      }
      writer.read(found.bytes(), 0, length);
      read = found;
      readAgain = true;
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
    void addRead(int row) {
      Known message = requireRead();
      if (message.batch != batch) {
        Integer code = codeOf.putIfAbsent(message.key, count);
        message.code = code == null ? count : code;
        message.batch = batch;
        if (code == null) {
          writer.writeRead(count++);
        }
      }
      readAgain = false;
      codes.put(row, message.code);
    }

    @Override
    long costOfRead(int row) {
      return 1 + (readAgain ? writer.costOfRead(count) : 0);
    }

    private Known requireRead() {
      Known message = read;
      if (message == null) {
        throw new IllegalStateException(
            "a row is added before its %s was read".formatted(component()));
      }
      return message;
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

    /** The component as a column; the same object as long as it does not change. */
    Field field(long dictionaryId) {
      List<Field> children =
          structs.childrenWithValues().stream().map(StructSink.Child::field).toList();
      Field known = field;
      if (known == null
          || known.getDictionary().getId() != dictionaryId
          || !SchemaMessage.sameObjects(known.getChildren(), children)) {
        known =
            ColumnSink.dictionaryField(
                component(),
                false,
                ArrowType.Struct.INSTANCE,
                new DictionaryEncoding(dictionaryId, false, new ArrowType.Int(32, true)),
                children.toArray(new Field[0]));
        field = known;
      }
      return known;
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
      read = null;
      batch++;
      count = 0;
    }
  }
}
