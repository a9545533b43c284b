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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/** Writes the fields of one kind of OTLP message into their columns, bound once at start. */
final class MessageColumns {
  /** Writes one field into one row. */
  private interface Writer {
    void write(int row, Object message);
  }

  /** A field of which a message may have any number. */
  private interface RepeatedWriter extends Writer {
    /** How many values {@link #write} would add at the most, nulls included. */
    long cost(int row, Object message);
  }

  private final Writer[] writers;
  private final RepeatedWriter[] repeated;

  private MessageColumns(List<Writer> writers) {
    this.writers = writers.toArray(new Writer[0]);
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
   * Binds the fields whose source begins with {@code root}.
   *
   * @param message what {@code root} names
   * @param sinks receives a column for each
   * @param text makes the columns for texts
   * @throws IllegalArgumentException naming the column, if a source does not exist or has another
   *     type
   */
  static MessageColumns bind(
      String root,
      Class<?> message,
      List<Field> fields,
      AttributeColumns attributes,
      StructSink sinks,
      Supplier<TextSink> text) {
    Binder binder = new Binder(message, attributes, sinks, text);
    List<Writer> writers = new ArrayList<>();
    for (Field field : fields) {
      List<String> path = path(field);
      if (path.get(0).equals(root)) {
        writers.add(binder.writer(field, path.subList(1, path.size())));
      }
    }
    return new MessageColumns(writers);
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

  private record Binder(
      Class<?> message, AttributeColumns attributes, StructSink sinks, Supplier<TextSink> text) {

    Writer writer(Field field, List<String> path) {
      if (field.origin() instanceof Origin.Derived derived) {
        return derived(field, path, derived.derivation());
      }
      ProtobufGetter getter = ProtobufGetter.bind(field.name(), message, path);
      if (field.type() instanceof Field.Type.Attributes type) {
        return attributes(field, getter, type.scope());
      }
      if (field.type() instanceof Field.Type.Structs structs) {
        return list(field, getter, structs);
      }
      return switch (((Origin.Source) field.origin()).codec()) {
        case PLAIN -> plain(field, ((Field.Type.Plain) field.type()).scalar(), getter);
        case HEX -> hex(field, getter);
        case SPAN_KIND -> enumeration(field, getter, EnumNames.SPAN_KIND);
        case STATUS_CODE -> enumeration(field, getter, EnumNames.STATUS_CODE);
      };
    }

    private Writer plain(Field field, Scalar scalar, ProtobufGetter getter) {
      return switch (scalar) {
        case STRING -> text(field, getter);
        case INT32 -> integer(field, getter);
        case INT64 -> bigInteger(field, getter);
        case DOUBLE -> real(field, getter);
        case BOOLEAN -> bool(field, getter);
        case TIMESTAMP, DATE ->
            throw ProtobufGetter.wrong(field.name(), "no OTLP field has the type " + scalar);
      };
    }

    private Writer text(Field field, ProtobufGetter getter) {
      requireType(field, getter, String.class);
      Function<Object, Object> get = getter.reference();
      TextSink sink = sinks.add(field.name(), field.required(), text.get());
      boolean required = field.required();
      return (row, message) -> {
        String value = (String) get.apply(message);
        if (required || !value.isEmpty()) {
          sink.put(row, value);
        }
      };
    }

    private Writer integer(Field field, ProtobufGetter getter) {
      requireType(field, getter, int.class);
      ToIntFunction<Object> get = getter.ofInt();
      IntSink sink = sinks.add(field.name(), field.required(), new IntSink());
      boolean required = field.required();
      return (row, message) -> {
        int value = get.applyAsInt(message);
        if (required || value != 0) {
          sink.put(row, value);
        }
      };
    }

    private Writer bigInteger(Field field, ProtobufGetter getter) {
      requireType(field, getter, long.class);
      ToLongFunction<Object> get = getter.ofLong();
      LongSink sink = sinks.add(field.name(), field.required(), LongSink.ofLongs());
      boolean required = field.required();
      return (row, message) -> {
        long value = get.applyAsLong(message);
        if (required || value != 0) {
          sink.put(row, value);
        }
      };
    }

    private Writer real(Field field, ProtobufGetter getter) {
      requireType(field, getter, double.class);
      ToDoubleFunction<Object> get = getter.ofDouble();
      LongSink sink = sinks.add(field.name(), field.required(), LongSink.ofDoubles());
      return (row, message) -> sink.put(row, get.applyAsDouble(message));
    }

    private Writer bool(Field field, ProtobufGetter getter) {
      requireType(field, getter, boolean.class);
      Predicate<Object> get = getter.ofBoolean();
      BoolSink sink = sinks.add(field.name(), field.required(), new BoolSink());
      return (row, message) -> sink.put(row, get.test(message));
    }

    private Writer hex(Field field, ProtobufGetter getter) {
      requireType(field, getter, ByteString.class);
      Function<Object, Object> get = getter.reference();
      TextSink sink = sinks.add(field.name(), field.required(), text.get());
      Hex hex = new Hex();
      return (row, message) -> {
        ByteString id = (ByteString) get.apply(message);
        if (!Hex.isAbsent(id)) {
          hex.put(sink, row, id);
        }
      };
    }

    private Writer enumeration(Field field, ProtobufGetter getter, EnumNames names) {
      requireType(field, getter, int.class);
      ToIntFunction<Object> get = getter.ofInt();
      TextSink sink = sinks.add(field.name(), field.required(), text.get());
      return (row, message) -> {
        byte[] name = names.of(get.applyAsInt(message));
        sink.put(row, name, 0, name.length);
      };
    }

    private Writer attributes(Field field, ProtobufGetter getter, AttributeScope scope) {
      if (!getter.type().equals(List.class) || !getter.elementType().equals(KeyValue.class)) {
        throw ProtobufGetter.wrong(field.name(), "source is no list of KeyValue");
      }
      AttributeSink sink = new AttributeSink(field.name(), scope, attributes, sinks, text);
      Function<Object, Object> get = getter.reference();
      return new RepeatedWriter() {
        @Override
        public void write(int row, Object message) {
          sink.put(row, (List<?>) get.apply(message));
        }

        @Override
        public long cost(int row, Object message) {
          return sink.cost(row, ((List<?>) get.apply(message)).size());
        }
      };
    }

    private Writer list(Field field, ProtobufGetter getter, Field.Type.Structs structs) {
      requireType(field, getter, List.class);
      StructSink elements = new StructSink();
      MessageColumns columns =
          MessageColumns.bind(
              structs.name(),
              getter.elementType(),
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
        public long cost(int row, Object message) {
          long cost = 0;
          for (Object element : (List<?>) get.apply(message)) {
            cost += columns.cost(0, element);
          }
          return cost;
        }
      };
    }

    private Writer derived(Field field, List<String> path, Derivation derivation) {
      return switch (derivation) {
        case SERVICE_NAME -> {
          Function<Object, Object> from = from(field, path, Resource.class, Scalar.STRING);
          TextSink sink = sinks.add(field.name(), field.required(), text.get());
          yield (row, message) -> sink.put(row, serviceName((Resource) from.apply(message)));
        }
        case DURATION -> {
          Function<Object, Object> from = from(field, path, Span.class, Scalar.INT64);
          LongSink sink = sinks.add(field.name(), field.required(), LongSink.ofLongs());
          yield (row, message) -> {
            Span span = (Span) from.apply(message);
            sink.put(row, span.getEndTimeUnixNano() - span.getStartTimeUnixNano());
          };
        }
        case IS_ROOT -> {
          Function<Object, Object> from = from(field, path, Span.class, Scalar.BOOLEAN);
          BoolSink sink = sinks.add(field.name(), field.required(), new BoolSink());
          yield (row, message) ->
              sink.put(row, Hex.isAbsent(((Span) from.apply(message)).getParentSpanId()));
        }
      };
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
        if (attribute.getKey().equals("service.name")) {
          name = attribute.getValue().getStringValue();
        }
      }
      return name.isEmpty() ? "unknown" : name;
    }
  }
}
