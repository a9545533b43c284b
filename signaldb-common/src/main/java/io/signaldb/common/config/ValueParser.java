package io.signaldb.common.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Values of scalar keys from TOML values and from text. */
final class ValueParser {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,19})\\s*([A-Za-z]*)");
  private static final Map<String, Integer> SIZE_UNITS =
      Map.of("", 0, "B", 0, "KiB", 10, "MiB", 20, "GiB", 30, "TiB", 40);
  private static final Pattern DURATION_PART = Pattern.compile("(\\d{1,18})\\s*([a-z]+)\\s*");
  private static final Map<String, Duration> DURATION_UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "min", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));

  private final Path dataDir;

  /**
   * @param dataDir absolute; relative paths are below it; the current directory while the key
   *     data_dir itself is read
   */
  ValueParser(Path dataDir) {
    this.dataDir = dataDir;
  }

  /**
   * The value of a key.
   *
   * @param value a String, Long, Double or Boolean of TOML, or text from elsewhere
   * @throws IllegalArgumentException saying what was expected
   */
  Object parse(ConfigKey key, Object value) {
    Class<?> type = key.type();
    if (type == boolean.class) {
      return bool(value);
    }
    if (type == int.class || type == Integer.class) {
      return Math.toIntExact(inRange(key, integer(value, "an integer"), "an integer"));
    }
    if (type == long.class || type == Long.class) {
      return inRange(key, size(value), "a size");
    }
    if (!(value instanceof String text)) {
      throw new IllegalArgumentException("expected a string");
    }
    if (type == String.class) {
      if (text.isBlank()) {
        throw new IllegalArgumentException("expected a text that is not empty");
      }
      return text;
    }
    if (type == Duration.class) {
      return duration(key, text);
    }
    if (type == Path.class) {
      return path(key, text);
    }
    if (type == StorageDsn.class) {
      return StorageDsn.parse(text, dataDir);
    }
    if (type == DatabaseDsn.class) {
      return DatabaseDsn.parse(text, dataDir);
    }
    if (type.isEnum()) {
      return constant(type, text);
    }
    throw new IllegalStateException("no parser for " + key.path() + " of " + type);
  }

  private static boolean bool(Object value) {
    if (value instanceof Boolean bool) {
      return bool;
    }
    if ("true".equals(value) || "false".equals(value)) {
      return Boolean.parseBoolean((String) value);
    }
    throw new IllegalArgumentException("expected true or false");
  }

  private static long integer(Object value, String expected) {
    if (value instanceof Long number) {
      return number;
    }
    try {
      if (value instanceof String text) {
        return Long.parseLong(text.strip());
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected " + expected, e);
    }
    throw new IllegalArgumentException("expected " + expected);
  }

  private static long inRange(ConfigKey key, long value, String what) {
    if (value < key.min() || value > key.max()) {
      throw new IllegalArgumentException(
          key.max() == Long.MAX_VALUE
              ? "expected %s of at least %d".formatted(what, key.min())
              : "expected %s from %d to %d".formatted(what, key.min(), key.max()));
    }
    return value;
  }

  private static long size(Object value) {
    String expected = "expected a size: bytes as an integer, or like \"64MiB\" (KiB MiB GiB TiB)";
    if (value instanceof Long number) {
      return number;
    }
    Matcher matcher = SIZE.matcher(String.valueOf(value).strip());
    Integer shift = matcher.matches() ? SIZE_UNITS.get(matcher.group(2)) : null;
    if (shift == null) {
      throw new IllegalArgumentException(expected);
    }
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(expected + " below 8 EiB", e);
    }
  }

  private static Duration duration(ConfigKey key, String text) {
    String expected = "expected a duration like \"30s\", \"1h30m\" or \"500ms\" (ms s m h d)";
    Duration sum = Duration.ZERO;
    Matcher part = DURATION_PART.matcher(text.strip());
    int end = 0;
    try {
      while (part.find() && part.start() == end) {
        Duration unit = DURATION_UNITS.get(part.group(2));
        if (unit == null) {
          throw new IllegalArgumentException(expected);
        }
        sum = sum.plus(unit.multipliedBy(Long.parseLong(part.group(1))));
        end = part.end();
      }
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(expected + " below 292 years", e);
    }
    if (end == 0 || end != text.strip().length()) {
      throw new IllegalArgumentException(expected);
    }
    if ((sum.isZero() && key.min() > 0) || sum.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException("expected a duration above 0 and below 292 years");
    }
    return sum;
  }

  private Path path(ConfigKey key, String text) {
    try {
      return key.path().equals("data_dir")
          ? dataDir.resolve(text).normalize()
          : below(dataDir, text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("expected a path, " + e.getReason(), e);
    }
  }

  /** A path of the configuration: a relative one is below the data directory. */
  static Path below(Path dataDir, String text) {
    String relative = text.startsWith("./") ? text.substring(2) : text;
    if (relative.equals(".data") || relative.startsWith(".data/")) {
      relative = relative.substring(Math.min(relative.length(), ".data/".length()));
    }
    return dataDir.resolve(relative).normalize();
  }

  /** Text of a percent-encoded part of a URI. */
  static String urlDecode(String raw) {
    return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static Object constant(Class<?> type, String text) {
    Optional<?> found =
        Arrays.stream(type.getEnumConstants())
            .filter(c -> c.toString().equalsIgnoreCase(text.strip()))
            .findFirst();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "expected one of "
              + Arrays.stream(type.getEnumConstants())
                  .map(c -> c.toString().toLowerCase(Locale.ROOT))
                  .collect(Collectors.joining(", ")));
    }
    return found.get();
  }
}
