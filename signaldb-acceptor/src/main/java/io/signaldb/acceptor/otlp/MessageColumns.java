package io.signaldb.acceptor.otlp;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.ColumnType.Scalar;
import io.signaldb.common.schema.Derivation;
import io.signaldb.common.schema.Field;
import io.signaldb.common.schema.Field.Origin;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Writes the fields of one kind of OTLP message into their columns, bound once at start. */
final class MessageColumns {
  private static final String SERVICE_NAME = "service.name";
  private static final String UNKNOWN = "unknown";

  /** Writes one field into one row, from a message object or as it lies on the wire. */
  private interface Writer {
    void write(int row, Object message);

    void write(int row, WireFrame frame);
  }

  /** A field of which a message may have any number. */
  private interface RepeatedWriter extends Writer {
    /** How many values {@link #write} would add at the most, nulls included. */
    long cost(int row, Object message);

    /** See {@link #cost(int, Object)}. */
    long cost(int row, WireFrame frame);
  }

  private final Writer[] writers;
  private final RepeatedWriter[] repeated;
  private final WireFrame frame;

  private MessageColumns(List<Writer> writers, WireFrame frame) {
    this.writers = writers.toArray(new Writer[0]);
    this.frame = frame;
    repeated =
        writers.stream().filter(RepeatedWriter.class::isInstance).toArray(RepeatedWriter[]::new);
  }

  /** How many values {@link #write} would add at the most, nulls included. */
  long cost(int row, Object message) {
    long cost = writers.length;
    for (RepeatedWriter writer : repeated) {
      cost += writer.cost(row, message);
    }
    return cost;
  }

  void write(int row, Object message) {
    for (Writer writer : writers) {
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
    for (RepeatedWriter writer : repeated) {
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
    for (Writer writer : writers) {
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
    Binder binder = new Binder(message, layout, attributes, sinks, text);
    List<Writer> writers = new ArrayList<>();
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

  private record Binder(
      Class<?> message,
      WireLayout layout,
      Attributes attributes,
      StructSink sinks,
      Supplier<TextSink> text) {

    Writer writer(Field field, List<String> path) {
      if (field.origin() instanceof Origin.Derived derived) {
        return derived(field, path, derived.derivation());
      }
      ProtobufGetter getter = ProtobufGetter.bind(field.name(), message, path);
      if (field.type() instanceof Field.Type.Attributes type) {
        return attributes(field, getter, path, type.scope());
      }
      if (field.type() instanceof Field.Type.Structs structs) {
        return list(field, getter, path, structs);
      }
      return switch (((Origin.Source) field.origin()).codec()) {
        case PLAIN -> plain(field, ((Field.Type.Plain) field.type()).scalar(), getter, path);
        case HEX -> hex(field, getter, path);
        case SPAN_KIND -> enumeration(field, getter, path, EnumNames.SPAN_KIND);
        case STATUS_CODE -> enumeration(field, getter, path, EnumNames.STATUS_CODE);
      };
    }

    private Writer plain(Field field, Scalar scalar, ProtobufGetter getter, List<String> path) {
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

    private Writer text(Field field, ProtobufGetter getter, List<String> path) {
      requireType(field, getter, String.class);
      Function<Object, Object> get = getter.reference();
      int slot = layout.slot(field.name(), path);
      TextSink sink = sinks.add(field.name(), field.required(), text.get());
      boolean required = field.required();
      return new Writer() {
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

    private Writer integer(Field field, ProtobufGetter getter, List<String> path) {
      requireType(field, getter, int.class);
      ToIntFunction<Object> get = getter.ofInt();
      int slot = layout.slot(field.name(), path);
      IntSink sink = sinks.add(field.name(), field.required(), new IntSink());
      boolean required = field.required();
      return new Writer() {
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

    private Writer bigInteger(Field field, ProtobufGetter getter, List<String> path) {
      requireType(field, getter, long.class);
      ToLongFunction<Object> get = getter.ofLong();
      int slot = layout.slot(field.name(), path);
      LongSink sink = sinks.add(field.name(), field.required(), LongSink.ofLongs());
      boolean required = field.required();
      return new Writer() {
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

    private Writer real(Field field, ProtobufGetter getter, List<String> path) {
      requireType(field, getter, double.class);
      ToDoubleFunction<Object> get = getter.ofDouble();
      int slot = layout.slot(field.name(), path);
      LongSink sink = sinks.add(field.name(), field.required(), LongSink.ofDoubles());
      return new Writer() {
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

    private Writer bool(Field field, ProtobufGetter getter, List<String> path) {
      requireType(field, getter, boolean.class);
      Predicate<Object> get = getter.ofBoolean();
      int slot = layout.slot(field.name(), path);
      BoolSink sink = sinks.add(field.name(), field.required(), new BoolSink());
      return new Writer() {
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

    private Writer hex(Field field, ProtobufGetter getter, List<String> path) {
      requireType(field, getter, ByteString.class);
      Function<Object, Object> get = getter.reference();
      int slot = layout.slot(field.name(), path);
      TextSink sink = sinks.add(field.name(), field.required(), text.get());
      Hex hex = new Hex();
      return new Writer() {
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

    private Writer enumeration(
        Field field, ProtobufGetter getter, List<String> path, EnumNames names) {
      requireType(field, getter, int.class);
      ToIntFunction<Object> get = getter.ofInt();
      int slot = layout.slot(field.name(), path);
      TextSink sink = sinks.add(field.name(), field.required(), text.get());
      return new Writer() {
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

    private Writer attributes(
        Field field, ProtobufGetter getter, List<String> path, AttributeScope scope) {
      if (!getter.type().equals(List.class) || !getter.elementType().equals(KeyValue.class)) {
        throw ProtobufGetter.wrong(field.name(), "source is no list of KeyValue");
      }
      int list = layout.list(field.name(), path);
      AttributeSink sink = new AttributeSink(field.name(), scope, attributes, sinks, text);
      Function<Object, Object> get = getter.reference();
      return new RepeatedWriter() {
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

    private Writer list(
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
      return new RepeatedWriter() {
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

    private Writer derived(Field field, List<String> path, Derivation derivation) {
      return switch (derivation) {
        case SERVICE_NAME -> {
          Function<Object, Object> from = from(field, path, Resource.class, Scalar.STRING);
          int list = layout.list(field.name(), with(path, "attributes"));
          TextSink sink = sinks.add(field.name(), field.required(), text.get());
          WireAttributes wire = new WireAttributes();
          byte[] serviceName = SERVICE_NAME.getBytes(StandardCharsets.UTF_8);
          yield new Writer() {
            @Override
            public void write(int row, Object message) {
              sink.put(row, serviceName((Resource) from.apply(message)));
            }

            @Override
            public void write(int row, WireFrame frame) {
              wire.read(frame, list);
              int name = wire.last(serviceName, frame.bytes());
              if (name < 0
                  || wire.kind(name) != WireAttributes.Kind.TEXT
                  || wire.length(name) == 0) {
                sink.put(row, UNKNOWN);
              } else {
                sink.put(row, frame.bytes(), wire.offset(name), wire.length(name));
              }
            }
          };
        }
        case DURATION -> {
          Function<Object, Object> from = from(field, path, Span.class, Scalar.INT64);
          int start = layout.slot(field.name(), with(path, "start_time_unix_nano"));
          int end = layout.slot(field.name(), with(path, "end_time_unix_nano"));
          LongSink sink = sinks.add(field.name(), field.required(), LongSink.ofLongs());
          yield new Writer() {
            @Override
            public void write(int row, Object message) {
              Span span = (Span) from.apply(message);
              sink.put(row, span.getEndTimeUnixNano() - span.getStartTimeUnixNano());
            }

            @Override
            public void write(int row, WireFrame frame) {
              sink.put(row, frame.value(end) - frame.value(start));
            }
          };
        }
        case IS_ROOT -> {
          Function<Object, Object> from = from(field, path, Span.class, Scalar.BOOLEAN);
          int parent = layout.slot(field.name(), with(path, "parent_span_id"));
          BoolSink sink = sinks.add(field.name(), field.required(), new BoolSink());
          yield new Writer() {
            @Override
            public void write(int row, Object message) {
              sink.put(row, Hex.isAbsent(((Span) from.apply(message)).getParentSpanId()));
            }

            @Override
            public void write(int row, WireFrame frame) {
              sink.put(
                  row, Hex.isAbsent(frame.bytes(), frame.offset(parent), frame.length(parent)));
            }
          };
        }
      };
    }

    private static List<String> with(List<String> path, String field) {
      return Stream.concat(path.stream(), Stream.of(field)).toList();
    }

    /** The message a value is derived from, which has to be of class {@code expected}. */
    private Function<Object, Object> from(
        Field field, List<String> path, Class<?> expected, Scalar type) {
      Class<?> found = message;
      Function<Object, Object> from = Function.identity();
      if (!path.isEmpty()) {
        ProtobufGetter getter = ProtobufGetter.bind(field.name(), message, path);
        found = getter.type();
        from = getter.reference();
      }
      if (!found.equals(expected)) {
        throw ProtobufGetter.wrong(
            field.name(),
            "derived from a %s, expected a %s"
                .formatted(found.getSimpleName(), expected.getSimpleName()));
      }
      if (!field.type().equals(new Field.Type.Plain(type))) {
        throw ProtobufGetter.wrong(
            field.name(),
            "%s is no %s"
                .formatted(
                    ((Origin.Derived) field.origin()).derivation(),
                    ((Field.Type.Plain) field.type()).scalar()));
      }
      return from;
    }

    private static void requireType(Field field, ProtobufGetter getter, Class<?> type) {
      if (!getter.type().equals(type)) {
        throw ProtobufGetter.wrong(
            field.name(),
            "source is of Java type %s, expected %s"
                .formatted(getter.type().getSimpleName(), type.getSimpleName()));
      }
    }

    private static String serviceName(Resource resource) {
      String name = "";
      for (KeyValue attribute : resource.getAttributesList()) {
        if (attribute.getKey().equals(SERVICE_NAME)) {
          name = attribute.getValue().getStringValue();
        }
      }
      return name.isEmpty() ? UNKNOWN : name;
    }
  }
}
