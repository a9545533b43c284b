package io.signaldb.common.config;

import java.lang.reflect.RecordComponent;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One key of the configuration.
 *
 * @param path dotted name from the root: {@code wal.max_segment_size}
 * @param kind what its value is
 * @param type the Java type of a scalar, or the record of a section or list
 */
record ConfigKey(String path, Kind kind, Class<?> type, RecordComponent component) {
  /** Last part of the path. */
  String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  String doc() {
    return annotation().value();
  }

  /** Empty for a key with a default. */
  String example() {
    return annotation().example();
  }

  private Doc annotation() {
    Doc own = component.getAnnotation(Doc.class);
    Doc doc = own == null ? type.getAnnotation(Doc.class) : own;
    if (doc == null) {
      throw new IllegalStateException("configuration key " + path + " has no @Doc");
    }
    return doc;
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

  enum Kind {
    SCALAR,
    SECTION,
    /** A list of sections. */
    LIST,
    /** Strings by name. */
    MAP
  }
}
