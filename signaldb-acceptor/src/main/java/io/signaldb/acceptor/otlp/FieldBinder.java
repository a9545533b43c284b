package io.signaldb.acceptor.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.ProtocolStringList;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.ColumnType.Scalar;
import io.signaldb.common.schema.Field;
import io.signaldb.common.schema.Field.Origin;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * Binds the fields of {@code schemas.toml} that come from one kind of message to its getters and to
 * its layout on the wire.
 *
 * @param message the generated class
 * @param layout of {@code message}, where the fields get their slots
 * @param sinks receives a column for each field
 * @param text makes the columns for texts
 */
record FieldBinder(
    Class<?> message,
    WireLayout layout,
    MessageColumns.Attributes attributes,
    StructSink sinks,
    Supplier<TextSink> text) {

  /**
   * Binds one field.
   *
   * @throws IllegalArgumentException naming the column, if the source does not exist or has another
   *     type
   */
  FieldWriter writer(Field field, List<String> path) {
    if (field.origin() instanceof Origin.Derived derived) {
      return new DerivedFieldBinder(message, layout, sinks, text)
          .writer(field, path, derived.derivation());
    }
    ProtobufGetter getter = ProtobufGetter.bind(field.name(), message, path);
    if (field.type() instanceof Field.Type.Attributes type) {
      return attributes(field, getter, path, type.scope());
    }
    if (field.type() instanceof Field.Type.Structs structs) {
      return list(field, getter, path, structs);
    }
    return switch (((Origin.Source) field.origin()).codec()) {
      case PLAIN ->
          field.type() instanceof Field.Type.Values values
              ? values(field, values.element(), getter, path)
              : plain(field, scalar(field), getter, path);
      case NESTED -> nested(field, path, getter);
      case HEX -> hex(field, getter, path);
      case SPAN_KIND -> enumeration(field, getter, path, EnumNames.SPAN_KIND);
      case STATUS_CODE -> enumeration(field, getter, path, EnumNames.STATUS_CODE);
      case TEMPORALITY -> enumeration(field, getter, path, EnumNames.TEMPORALITY);
      case ANY_TEXT -> any(field, getter, path, false);
      case ANY_JSON -> any(field, getter, path, true);
    };
  }

  private static Scalar scalar(Field field) {
    return ((Field.Type.Plain) field.type()).scalar();
  }

  private FieldWriter plain(Field field, Scalar scalar, ProtobufGetter getter, List<String> path) {
    Predicate<Object> presence = getter.presence();
    if (presence != null && !field.required()) {
      return optional(field, scalar, getter, path, presence);
    }
    return switch (scalar) {
      case STRING -> text(field, getter, path);
      case INT32 -> integer(field, getter, path);
      case INT64 -> bigInteger(field, getter, path);
      case DOUBLE -> real(field, getter, path);
      case BOOLEAN -> bool(field, getter, path);
      case TIMESTAMP, DATE ->
          throw ProtobufGetter.wrong(field.name(), "no OTLP field has the type " + scalar);
    };
  }

  private FieldWriter text(Field field, ProtobufGetter getter, List<String> path) {
    requireType(field, getter, String.class);
    Function<Object, Object> get = getter.reference();
    int slot = layout.slot(field.name(), path);
    TextSink sink = sinks.add(field.name(), field.required(), text.get());
    boolean required = field.required();
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        String value = (String) get.apply(message);
        if (required || !value.isEmpty()) {
          sink.put(row, value);
        }
      }

      @Override
      public void write(int row, WireFrame frame) {
        int length = frame.length(slot);
        if (required || length > 0) {
          sink.put(row, frame.bytes(), frame.offset(slot), length);
        }
      }
    };
  }

  private FieldWriter integer(Field field, ProtobufGetter getter, List<String> path) {
    requireType(field, getter, int.class);
    ToIntFunction<Object> get = getter.ofInt();
    int slot = layout.slot(field.name(), path);
    IntSink sink = sinks.add(field.name(), field.required(), new IntSink());
    boolean required = field.required();
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        put(row, get.applyAsInt(message));
      }

      @Override
      public void write(int row, WireFrame frame) {
        put(row, (int) frame.value(slot));
      }

      private void put(int row, int value) {
        if (required || value != 0) {
          sink.put(row, value);
        }
      }
    };
  }

  private FieldWriter bigInteger(Field field, ProtobufGetter getter, List<String> path) {
    requireType(field, getter, long.class);
    ToLongFunction<Object> get = getter.ofLong();
    int slot = layout.slot(field.name(), path);
    LongSink sink = sinks.add(field.name(), field.required(), LongSink.ofLongs());
    boolean required = field.required();
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        put(row, get.applyAsLong(message));
      }

      @Override
      public void write(int row, WireFrame frame) {
        put(row, frame.value(slot));
      }

      private void put(int row, long value) {
        if (required || value != 0) {
          sink.put(row, value);
        }
      }
    };
  }

  private FieldWriter real(Field field, ProtobufGetter getter, List<String> path) {
    requireType(field, getter, double.class);
    ToDoubleFunction<Object> get = getter.ofDouble();
    int slot = layout.slot(field.name(), path);
    LongSink sink = sinks.add(field.name(), field.required(), LongSink.ofDoubles());
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        sink.put(row, get.applyAsDouble(message));
      }

      @Override
      public void write(int row, WireFrame frame) {
        sink.put(row, frame.value(slot));
      }
    };
  }

  private FieldWriter bool(Field field, ProtobufGetter getter, List<String> path) {
    requireType(field, getter, boolean.class);
    Predicate<Object> get = getter.ofBoolean();
    int slot = layout.slot(field.name(), path);
    BoolSink sink = sinks.add(field.name(), field.required(), new BoolSink());
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        sink.put(row, get.test(message));
      }

      @Override
      public void write(int row, WireFrame frame) {
        sink.put(row, frame.value(slot) != 0);
      }
    };
  }

  /** A number of 64 bits that a message may have or not. */
  private FieldWriter optional(
      Field field,
      Scalar scalar,
      ProtobufGetter getter,
      List<String> path,
      Predicate<Object> isPresent) {
    int slot = layout.slot(field.name(), path);
    WireLayout.Presence presence = layout.presence(field.name(), path);
    LongSink sink = sinks.add(field.name(), false, longs(field, scalar));
    ToLongFunction<Object> get = bits(field, scalar, getter);
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        if (isPresent.test(message)) {
          sink.put(row, get.applyAsLong(message));
        }
      }

      @Override
      public void write(int row, WireFrame frame) {
        if (presence.in(frame)) {
          sink.put(row, frame.value(slot));
        }
      }
    };
  }

  private static LongSink longs(Field field, Scalar scalar) {
    return switch (scalar) {
      case INT64 -> LongSink.ofLongs();
      case DOUBLE -> LongSink.ofDoubles();
      case STRING, INT32, BOOLEAN, TIMESTAMP, DATE ->
          throw ProtobufGetter.wrong(
              field.name(), "type is %s, expected INT64 or DOUBLE".formatted(scalar));
    };
  }

  private static ToLongFunction<Object> bits(Field field, Scalar scalar, ProtobufGetter getter) {
    if (scalar == Scalar.INT64) {
      requireType(field, getter, long.class);
      return getter.ofLong();
    }
    requireType(field, getter, double.class);
    ToDoubleFunction<Object> get = getter.ofDouble();
    return message -> Double.doubleToRawLongBits(get.applyAsDouble(message));
  }

  /** An integer of a message that may be absent. */
  private FieldWriter nested(Field field, List<String> path, ProtobufGetter getter) {
    requireType(field, getter, int.class);
    List<String> around = path.subList(0, path.size() - 1);
    Predicate<Object> isPresent =
        around.isEmpty() ? null : ProtobufGetter.bind(field.name(), message, around).presence();
    if (isPresent == null || field.required() || scalar(field) != Scalar.INT32) {
      throw ProtobufGetter.wrong(
          field.name(), "codec nested is for an optional int32 of a message in a message");
    }
    int slot = layout.slot(field.name(), path);
    WireLayout.Presence presence = layout.presence(field.name(), around);
    IntSink sink = sinks.add(field.name(), false, new IntSink());
    ToIntFunction<Object> get = getter.ofInt();
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        if (isPresent.test(message)) {
          sink.put(row, get.applyAsInt(message));
        }
      }

      @Override
      public void write(int row, WireFrame frame) {
        if (presence.in(frame)) {
          sink.put(row, (int) frame.value(slot));
        }
      }
    };
  }

  /** A value of any type, to read or, if it is no text, as OTLP/JSON. */
  private FieldWriter any(Field field, ProtobufGetter getter, List<String> path, boolean asJson) {
    requireType(field, getter, AnyValue.class);
    Predicate<Object> isPresent = Objects.requireNonNull(getter.presence());
    Function<Object, Object> get = getter.reference();
    int slot = layout.messageSlot(field.name(), path);
    WireLayout.Presence presence = layout.presence(field.name(), path);
    TextSink sink = sinks.add(field.name(), field.required(), text.get());
    AttributeLimits limits = attributes.limits();
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        if (isPresent.test(message)) {
          put(row, (AnyValue) get.apply(message));
        }
      }

      @Override
      public void write(int row, WireFrame frame) {
        if (!presence.in(frame)) {
          return;
        }
        int offset = frame.offset(slot);
        int length = frame.length(slot);
        int text = WireAttributes.textLength(frame.bytes(), offset, length);
        if (text >= 0 && text <= limits.maxValueBytes()) {
          int start = offset + length - text;
          WireInput.requireUtf8(frame.bytes(), start, text);
          if (!asJson) {
            sink.put(row, frame.bytes(), start, text);
          }
          return;
        }
        AnyValue value = WireFrame.parse(AnyValue.parser(), frame.bytes(), offset, length);
        if (limits.check(field.name(), value) != null) {
          throw new NotPlain();
        }
        put(row, value);
      }

      private void put(int row, AnyValue value) {
        if (!asJson && value.getValueCase() != AnyValue.ValueCase.VALUE_NOT_SET) {
          put(row, AnyValueJson.text(value));
        } else if (asJson && !value.hasStringValue()) {
          put(row, AnyValueJson.write(value));
        }
      }

      private void put(int row, byte[] utf8) {
        sink.put(row, utf8, 0, utf8.length);
      }
    };
  }

  /** A list of numbers or texts. */
  private FieldWriter values(
      Field field, Scalar element, ProtobufGetter getter, List<String> path) {
    return switch (element) {
      case STRING -> texts(field, getter, path);
      case INT64, DOUBLE -> numbers(field, element, getter, path);
      case INT32, BOOLEAN, TIMESTAMP, DATE ->
          throw ProtobufGetter.wrong(field.name(), "no OTLP field is a list of " + element);
    };
  }

  private FieldWriter numbers(
      Field field, Scalar element, ProtobufGetter getter, List<String> path) {
    requireType(field, getter, List.class);
    requireElements(field, getter, element == Scalar.INT64 ? Long.class : Double.class);
    int slot = layout.slot(field.name(), path);
    boolean varints = layout.isPackedVarint(field.name(), path);
    ValuesSink<LongSink> sink =
        sinks.add(field.name(), field.required(), new ValuesSink<>(longs(field, element)));
    Function<Object, Object> get = getter.reference();
    WireInput input = new WireInput();
    return new RepeatedFieldWriter() {
      @Override
      public void write(int row, Object message) {
        for (Object value : (List<?>) get.apply(message)) {
          sink.values()
              .put(
                  sink.add(row),
                  value instanceof Double real
                      ? Double.doubleToRawLongBits(real)
                      : ((Number) value).longValue());
        }
      }

      @Override
      public void write(int row, WireFrame frame) {
        int offset = frame.offset(slot);
        input.reset(frame.bytes(), offset, offset + frame.length(slot));
        while (input.hasMore()) {
          long value = varints ? input.varint() : input.fixed64();
          sink.values().put(sink.add(row), value);
        }
      }

      @Override
      public long cost(int row, Object message) {
        return ((List<?>) get.apply(message)).size();
      }

      @Override
      public long cost(int row, WireFrame frame) {
        return frame.length(slot);
      }
    };
  }

  private FieldWriter texts(Field field, ProtobufGetter getter, List<String> path) {
    requireType(field, getter, ProtocolStringList.class);
    int list = layout.texts(field.name(), path);
    ValuesSink<TextSink> sink =
        sinks.add(field.name(), field.required(), new ValuesSink<>(TextSink.plain()));
    Function<Object, Object> get = getter.reference();
    return new RepeatedFieldWriter() {
      @Override
      public void write(int row, Object message) {
        for (Object value : (List<?>) get.apply(message)) {
          sink.values().put(sink.add(row), (String) value);
        }
      }

      @Override
      public void write(int row, WireFrame frame) {
        for (int i = 0; i < frame.count(list); i++) {
          sink.values()
              .put(sink.add(row), frame.bytes(), frame.offset(list, i), frame.length(list, i));
        }
      }

      @Override
      public long cost(int row, Object message) {
        return ((List<?>) get.apply(message)).size();
      }

      @Override
      public long cost(int row, WireFrame frame) {
        return frame.count(list);
      }
    };
  }

  private FieldWriter hex(Field field, ProtobufGetter getter, List<String> path) {
    requireType(field, getter, ByteString.class);
    Function<Object, Object> get = getter.reference();
    int slot = layout.slot(field.name(), path);
    TextSink sink = sinks.add(field.name(), field.required(), text.get());
    Hex hex = new Hex();
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        ByteString id = (ByteString) get.apply(message);
        if (!Hex.isAbsent(id)) {
          hex.put(sink, row, id);
        }
      }

      @Override
      public void write(int row, WireFrame frame) {
        if (!Hex.isAbsent(frame.bytes(), frame.offset(slot), frame.length(slot))) {
          hex.put(sink, row, frame.bytes(), frame.offset(slot), frame.length(slot));
        }
      }
    };
  }

  private FieldWriter enumeration(
      Field field, ProtobufGetter getter, List<String> path, EnumNames names) {
    requireType(field, getter, int.class);
    ToIntFunction<Object> get = getter.ofInt();
    int slot = layout.slot(field.name(), path);
    TextSink sink = sinks.add(field.name(), field.required(), text.get());
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        put(row, get.applyAsInt(message));
      }

      @Override
      public void write(int row, WireFrame frame) {
        put(row, (int) frame.value(slot));
      }

      private void put(int row, int number) {
        byte[] name = names.of(number);
        sink.put(row, name, 0, name.length);
      }
    };
  }

  private FieldWriter attributes(
      Field field, ProtobufGetter getter, List<String> path, AttributeScope scope) {
    if (!getter.type().equals(List.class) || !getter.elementType().equals(KeyValue.class)) {
      throw ProtobufGetter.wrong(field.name(), "source is no list of KeyValue");
    }
    int list = layout.list(field.name(), path);
    AttributeSink sink = new AttributeSink(field.name(), scope, attributes, sinks, text);
    Function<Object, Object> get = getter.reference();
    return new RepeatedFieldWriter() {
      @Override
      public void write(int row, Object message) {
        sink.put(row, (List<?>) get.apply(message));
      }

      @Override
      public void write(int row, WireFrame frame) {
        sink.put(row, frame, list);
      }

      @Override
      public long cost(int row, Object message) {
        return sink.cost(row, ((List<?>) get.apply(message)).size());
      }

      @Override
      public long cost(int row, WireFrame frame) {
        return sink.cost(row, frame.count(list));
      }
    };
  }

  private FieldWriter list(
      Field field, ProtobufGetter getter, List<String> path, Field.Type.Structs structs) {
    requireType(field, getter, List.class);
    int list = layout.list(field.name(), path);
    StructSink elements = new StructSink();
    MessageColumns columns =
        MessageColumns.bind(
            structs.name(),
            getter.elementType(),
            WireLayout.of(getter.elementType()),
            structs.fields(),
            attributes,
            elements,
            TextSink::plain);
    ListSink sink = sinks.add(field.name(), field.required(), new ListSink(elements));
    Function<Object, Object> get = getter.reference();
    return new RepeatedFieldWriter() {
      @Override
      public void write(int row, Object message) {
        List<?> messages = (List<?>) get.apply(message);
        if (!messages.isEmpty()) {
          sink.put(row, columns, messages);
        }
      }

      @Override
      public void write(int row, WireFrame frame) {
        if (frame.count(list) > 0) {
          sink.put(row, columns, frame, list);
        }
      }

      @Override
      public long cost(int row, Object message) {
        long cost = 0;
        for (Object element : (List<?>) get.apply(message)) {
          cost += columns.cost(0, element);
        }
        return cost;
      }

      @Override
      public long cost(int row, WireFrame frame) {
        long cost = 0;
        for (int i = 0; i < frame.count(list); i++) {
          columns.read(frame.bytes(), frame.offset(list, i), frame.length(list, i));
          cost += columns.costOfRead(0);
        }
        return cost;
      }
    };
  }

  private static void requireType(Field field, ProtobufGetter getter, Class<?> type) {
    if (!getter.type().equals(type)) {
      throw ProtobufGetter.wrong(
          field.name(),
          "source is of Java type %s, expected %s"
              .formatted(getter.type().getSimpleName(), type.getSimpleName()));
    }
  }

  private static void requireElements(Field field, ProtobufGetter getter, Class<?> type) {
    if (!getter.elementType().equals(type)) {
      throw ProtobufGetter.wrong(
          field.name(),
          "source is a list of Java type %s, expected %s"
              .formatted(getter.elementType().getSimpleName(), type.getSimpleName()));
    }
  }
}
