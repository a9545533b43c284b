package io.signaldb.common.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The keys of a section, read from its record. */
final class ConfigKeys {
  private ConfigKeys() {}

  /**
   * One key.
   *
   * @param path dotted name from the root: {@code wal.max_segment_size}
   * @param kind what its value is
   * @param type the Java type of a scalar, or the record of a section or list
   */
  record Key(String path, Kind kind, Class<?> type, RecordComponent component) {
    /** Last part of the path. */
    String name() {
      return path.substring(path.lastIndexOf('.') + 1);
    }

    String doc() {
      Doc doc = component.getAnnotation(Doc.class);
      if (doc == null) {
        doc = type.getAnnotation(Doc.class);
      }
      if (doc == null) {
        throw new IllegalStateException("configuration key " + path + " has no @Doc");
      }
      return doc.value();
    }

    @Nullable String defaultText() {
      Default value = component.getAnnotation(Default.class);
      return value == null ? null : value.value();
    }

    boolean optional() {
      return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    boolean secret() {
      return component.isAnnotationPresent(Secret.class);
    }

    long min() {
      Range range = component.getAnnotation(Range.class);
      return range == null ? 1 : range.min();
    }

    long max() {
      Range range = component.getAnnotation(Range.class);
      return range != null
          ? range.max()
          : type == int.class || type == Integer.class ? Integer.MAX_VALUE : Long.MAX_VALUE;
    }

    /** Name of the environment variable: {@code SIGNALDB_WAL_MAX_SEGMENT_SIZE}. */
    String variable() {
      return "SIGNALDB_" + path.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** The unambiguous name: {@code SIGNALDB__WAL__MAX_SEGMENT_SIZE}. */
    String longVariable() {
      return "SIGNALDB__" + path.replace(".", "__").toUpperCase(Locale.ROOT);
    }
  }

  enum Kind {
    SCALAR,
    SECTION,
    /** A list of sections. */
    LIST,
    /** Strings by name. */
    MAP
  }

  /** The keys of a section in order; {@code prefix} is its path, empty for the root. */
  static List<Key> of(Class<?> section, String prefix) {
    return Arrays.stream(section.getRecordComponents()).map(c -> key(c, prefix)).toList();
  }

  /** Every key below the root except those of list elements. */
  static List<Key> all() {
    List<Key> keys = new ArrayList<>();
    collect(SignalDbConfig.class, "", keys);
    return keys;
  }

  private static void collect(Class<?> section, String prefix, List<Key> keys) {
    for (Key key : of(section, prefix)) {
      keys.add(key);
      if (key.kind() == Kind.SECTION) {
        collect(key.type(), key.path(), keys);
      }
    }
  }

  private static Key key(RecordComponent component, String prefix) {
    String name = snakeCase(component.getName());
    String path = prefix.isEmpty() ? name : prefix + "." + name;
    Class<?> type = component.getType();
    if (type == List.class) {
      Type element = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
      return new Key(path, Kind.LIST, (Class<?>) element, component);
    }
    boolean section = type.isRecord() && !DatabaseDsn.class.isAssignableFrom(type);
    Kind kind = type == java.util.Map.class ? Kind.MAP : section ? Kind.SECTION : Kind.SCALAR;
    return new Key(path, kind, type, component);
  }

  private static String snakeCase(String camelCase) {
    return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }
}
