package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an attribute may look like to be stored.
 *
 * @param maxValueBytes largest string or bytes value
 * @param maxDepth deepest nesting of arrays and key-value lists in a value
 */
record AttributeLimits(long maxValueBytes, int maxDepth) {
  /** Why rows with these attributes, their own or their resource's, cannot be stored, or null. */
  @Nullable Rejection check(List<KeyValue> attributes) {
    for (int i = 0; i < attributes.size(); i++) {
      KeyValue attribute = attributes.get(i);
      Rejection rejection = check(attribute.getKey(), attribute.getValue());
      if (rejection != null) {
        return rejection;
      }
    }
    return null;
  }

  /** Why rows with this attribute cannot be stored, or null. */
  @Nullable Rejection check(String key, AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> checkSize(key, value.getStringValue());
      case BYTES_VALUE ->
          value.getBytesValue().size() > maxValueBytes
              ? tooLarge(key, value.getBytesValue().size())
              : null;
      case ARRAY_VALUE, KVLIST_VALUE ->
          isDeeperThan(maxDepth, value)
              ? new Rejection(
                  "attribute depth",
                  "attribute '%s' is nested more than %d levels deep"
                      .formatted(shown(key), maxDepth))
              : null;
      case INT_VALUE, DOUBLE_VALUE, BOOL_VALUE, STRING_VALUE_STRINDEX, VALUE_NOT_SET -> null;
    };
  }

  private @Nullable Rejection checkSize(String key, String value) {
    // A char takes at most three bytes of UTF-8, so most values need not be counted.
    if (value.length() * 3L <= maxValueBytes) {
      return null;
    }
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    return bytes > maxValueBytes ? tooLarge(key, bytes) : null;
  }

  private Rejection tooLarge(String key, int bytes) {
    return new Rejection(
        "attribute size",
        "attribute '%s' has a value of %d bytes, expected at most %d"
            .formatted(shown(key), bytes, maxValueBytes));
  }

  private static boolean isDeeperThan(int levels, AnyValue value) {
    if (value.hasArrayValue()) {
      for (AnyValue element : value.getArrayValue().getValuesList()) {
        if (levels == 0 || isDeeperThan(levels - 1, element)) {
          return true;
        }
      }
    } else if (value.hasKvlistValue()) {
      for (KeyValue entry : value.getKvlistValue().getValuesList()) {
        if (levels == 0 || isDeeperThan(levels - 1, entry.getValue())) {
          return true;
        }
      }
    }
    return false;
  }

  private static String shown(String key) {
    return key.length() > 100 ? key.substring(0, 100) + "…" : key;
  }
}
