package io.signaldb.acceptor.otlp;

import com.google.protobuf.ProtocolMessageEnum;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A {@code source} path of {@code schemas.toml} bound to the getters of generated protobuf classes,
 * at start and as fast as calls written by hand.
 */
final class ProtobufGetter {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private final String column;
  private final Function<Object, Object> owner;
  private final Method getter;

  private ProtobufGetter(String column, Function<Object, Object> owner, Method getter) {
    this.column = column;
    this.owner = owner;
    this.getter = getter;
  }

  /**
   * Resolves the names of protobuf fields in {@code path} from {@code message} on.
   *
   * @throws IllegalArgumentException naming the column, if a name is no field
   */
  static ProtobufGetter bind(String column, Class<?> message, List<String> path) {
    Function<Object, Object> owner = Function.identity();
    Class<?> type = message;
    for (String field : path.subList(0, path.size() - 1)) {
      Method step = method(column, type, field);
      Function<Object, Object> next = new ProtobufGetter(column, owner, step).reference();
      owner = next;
      type = step.getReturnType();
    }
    return new ProtobufGetter(column, owner, method(column, type, path.get(path.size() - 1)));
  }

  /** The accessor of a component of a row. */
  static Function<Object, Object> of(RecordComponent component) {
    return new ProtobufGetter(component.getName(), Function.identity(), component.getAccessor())
        .reference();
  }

  /** Java type of the field; int for an enum, List for a repeated field. */
  Class<?> type() {
    return getter.getReturnType();
  }

  /** Java type of the elements of a repeated field. */
  Class<?> elementType() {
    Type list = getter.getGenericReturnType();
    if (list instanceof ParameterizedType parameterized
        && parameterized.getActualTypeArguments()[0] instanceof Class<?> element) {
      return element;
    }
    throw new IllegalStateException(getter + " is not repeated");
  }

  /** Whether a message has the field; null where protobuf does not tell that from a default. */
  @Nullable Predicate<Object> presence() {
    try {
      Method has =
          getter.getDeclaringClass().getMethod("has" + getter.getName().substring("get".length()));
      return new ProtobufGetter(column, owner, has).ofBoolean();
    } catch (NoSuchMethodException e) {
      return null;
    }
  }

  Function<Object, Object> reference() {
    Function<Object, Object> leaf = function(Function.class, "apply", Object.class);
    return message -> leaf.apply(owner.apply(message));
  }

  ToLongFunction<Object> ofLong() {
    ToLongFunction<Object> leaf = function(ToLongFunction.class, "applyAsLong", long.class);
    return message -> leaf.applyAsLong(owner.apply(message));
  }

  ToIntFunction<Object> ofInt() {
    ToIntFunction<Object> leaf = function(ToIntFunction.class, "applyAsInt", int.class);
    return message -> leaf.applyAsInt(owner.apply(message));
  }

  ToDoubleFunction<Object> ofDouble() {
    ToDoubleFunction<Object> leaf = function(ToDoubleFunction.class, "applyAsDouble", double.class);
    return message -> leaf.applyAsDouble(owner.apply(message));
  }

  Predicate<Object> ofBoolean() {
    Predicate<Object> leaf = function(Predicate.class, "test", boolean.class);
    return message -> leaf.test(owner.apply(message));
  }

  private static Method method(String column, Class<?> message, String field) {
    String name =
        "get"
            + Arrays.stream(field.split("_"))
                .map(
                    word ->
                        word.isEmpty()
                            ? ""
                            : Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(Collectors.joining());
    for (String candidate : List.of(name + "List", name)) {
      try {
        Method method = message.getMethod(candidate);
        return ProtocolMessageEnum.class.isAssignableFrom(method.getReturnType())
            ? message.getMethod(name + "Value")
            : method;
      } catch (NoSuchMethodException e) {
        // The next candidate, or the error below.
      }
    }
    throw wrong(column, "source '%s' is no field of %s".formatted(field, message.getSimpleName()));
  }

  @SuppressWarnings("unchecked")
  private <F> F function(Class<? super F> type, String method, Class<?> result) {
    try {
      MethodHandle target = LOOKUP.unreflect(getter);
      MethodType called =
          MethodType.methodType(
              result.isPrimitive() ? result : getter.getReturnType(), getter.getDeclaringClass());
      return (F)
          LambdaMetafactory.metafactory(
                  LOOKUP,
                  method,
                  MethodType.methodType(type),
                  MethodType.methodType(result, Object.class),
                  target,
                  called)
              .getTarget()
              .invoke();
    } catch (Throwable e) {
      throw new IllegalStateException("Column " + column + ": cannot call " + getter, e);
    }
  }

  static IllegalArgumentException wrong(String column, String what) {
    return new IllegalArgumentException("Column %s: %s".formatted(column, what));
  }
}
