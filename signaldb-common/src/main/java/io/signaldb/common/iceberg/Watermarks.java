package io.signaldb.common.iceberg;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * How far each Writer's write-ahead log is contained in a table: table properties named {@code
 * signaldb.watermark.<writer id>}, each holding a WAL position, set in the transaction that adds
 * the rows. The snapshot summary of that transaction repeats the key of its Writer.
 */
public final class Watermarks {
  private static final String PREFIX = "signaldb.watermark.";

  private Watermarks() {}

  /** Name of the property that holds the watermark of {@code writer}. */
  public static String key(UUID writer) {
    return PREFIX + writer;
  }

  /**
   * The watermark of {@code writer}, empty if it never committed to the table.
   *
   * @param properties table properties or a snapshot summary
   * @throws IllegalStateException if the property is not a WAL position
   */
  public static OptionalLong of(Map<String, String> properties, UUID writer) {
    String key = key(writer);
    String value = properties.get(key);
    return value == null ? OptionalLong.empty() : OptionalLong.of(position(key, value));
  }

  /**
   * The watermarks of all Writers that ever committed to the table.
   *
   * @throws IllegalStateException if a property is not a WAL position or names no Writer id
   */
  public static Map<UUID, Long> all(Map<String, String> properties) {
    Map<UUID, Long> watermarks = new HashMap<>();
    properties.forEach(
        (key, value) -> {
          if (key.startsWith(PREFIX)) {
            watermarks.put(writer(key), position(key, value));
          }
        });
    return watermarks;
  }

  private static UUID writer(String key) {
    try {
      return UUID.fromString(key.substring(PREFIX.length()));
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "Table property '%s' should end in a writer id (a UUID)".formatted(key), e);
    }
  }

  private static long position(String key, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalStateException(
          "Table property '%s' is '%s', expected a WAL position".formatted(key, value), e);
    }
  }
}
