package io.signaldb.querier.metrics;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part of a series' name.
 *
 * @param value String, Long, Double or Boolean; null where the spans have no such field
 */
public record Label(String key, @Nullable Object value) {
  public Label {
    Objects.requireNonNull(key, "key");
    if (value != null
        && !(value instanceof String
            || value instanceof Long
            || value instanceof Double
            || value instanceof Boolean)) {
      throw new IllegalArgumentException(
          "Label '%s' is a %s, expected String, Long, Double or Boolean"
              .formatted(key, value.getClass().getName()));
    }
  }
}
