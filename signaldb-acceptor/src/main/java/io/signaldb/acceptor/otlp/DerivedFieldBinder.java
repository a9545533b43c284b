package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import io.signaldb.common.schema.ColumnType.Scalar;
import io.signaldb.common.schema.Derivation;
import io.signaldb.common.schema.Field;
import io.signaldb.common.schema.Field.Origin;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Binds columns whose values are computed from a message; see {@link FieldBinder}. */
record DerivedFieldBinder(
    Class<?> message, WireLayout layout, StructSink sinks, Supplier<TextSink> text) {
  private static final String SERVICE_NAME = "service.name";
  private static final String UNKNOWN = "unknown";

  FieldWriter writer(Field field, List<String> path, Derivation derivation) {
    return switch (derivation) {
      case SERVICE_NAME -> {
        Function<Object, Object> from = from(field, path, Resource.class, Scalar.STRING);
        int list = layout.list(field.name(), with(path, "attributes"));
        TextSink sink = sinks.add(field.name(), field.required(), text.get());
        WireAttributes wire = new WireAttributes();
        byte[] serviceName = SERVICE_NAME.getBytes(StandardCharsets.UTF_8);
        yield new FieldWriter() {
          @Override
          public void write(int row, Object message) {
            sink.put(row, serviceName((Resource) from.apply(message)));
          }

          @Override
          public void write(int row, WireFrame frame) {
            wire.read(frame, list);
            int name = wire.last(serviceName, frame.bytes());
            if (name < 0 || wire.kind(name) != WireAttributes.Kind.TEXT || wire.length(name) == 0) {
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
        yield new FieldWriter() {
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
      case NUMBER -> number(field, path);
      case IS_ROOT -> {
        Function<Object, Object> from = from(field, path, Span.class, Scalar.BOOLEAN);
        int parent = layout.slot(field.name(), with(path, "parent_span_id"));
        BoolSink sink = sinks.add(field.name(), field.required(), new BoolSink());
        yield new FieldWriter() {
          @Override
          public void write(int row, Object message) {
            sink.put(row, Hex.isAbsent(((Span) from.apply(message)).getParentSpanId()));
          }

          @Override
          public void write(int row, WireFrame frame) {
            sink.put(row, Hex.isAbsent(frame.bytes(), frame.offset(parent), frame.length(parent)));
          }
        };
      }
    };
  }

  /** Of a message with the alternatives {@code as_double} and {@code as_int}. */
  private FieldWriter number(Field field, List<String> path) {
    ProtobufGetter asDouble = number(field, path, "as_double", double.class);
    ProtobufGetter asInt = number(field, path, "as_int", long.class);
    Predicate<Object> isDouble = Objects.requireNonNull(asDouble.presence());
    Predicate<Object> isInt = Objects.requireNonNull(asInt.presence());
    ToDoubleFunction<Object> getDouble = asDouble.ofDouble();
    ToLongFunction<Object> getInt = asInt.ofLong();
    int doubleSlot = layout.slot(field.name(), with(path, "as_double"));
    int intSlot = layout.slot(field.name(), with(path, "as_int"));
    WireLayout.Presence doublePresence = layout.presence(field.name(), with(path, "as_double"));
    WireLayout.Presence intPresence = layout.presence(field.name(), with(path, "as_int"));
    LongSink sink = sinks.add(field.name(), field.required(), LongSink.ofDoubles());
    return new FieldWriter() {
      @Override
      public void write(int row, Object message) {
        if (isDouble.test(message)) {
          sink.put(row, getDouble.applyAsDouble(message));
        } else if (isInt.test(message)) {
          sink.put(row, (double) getInt.applyAsLong(message));
        }
      }

      @Override
      public void write(int row, WireFrame frame) {
        if (doublePresence.in(frame)) {
          sink.put(row, frame.value(doubleSlot));
        } else if (intPresence.in(frame)) {
          sink.put(row, (double) frame.value(intSlot));
        }
      }
    };
  }

  private ProtobufGetter number(Field field, List<String> path, String name, Class<?> type) {
    ProtobufGetter getter = ProtobufGetter.bind(field.name(), message, with(path, name));
    if (!getter.type().equals(type) || !field.type().equals(new Field.Type.Plain(Scalar.DOUBLE))) {
      throw ProtobufGetter.wrong(
          field.name(), "a number is a double, from as_double or as_int of a message");
    }
    return getter;
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
