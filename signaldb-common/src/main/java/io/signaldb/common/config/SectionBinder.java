package io.signaldb.common.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Fills the records from a TOML table and from texts that stand for single keys. */
final class SectionBinder {
  /**
   * A value from outside the file.
   *
   * @param where for errors: "environment variable SIGNALDB_STORAGE_DSN"
   */
  record Text(String where, String text) {}

  /** A value as found: a TOML value or text. */
  private record Found(String where, Object value) {}

  private final Map<String, Text> texts;
  private final Map<String, String> defaults;
  private final Problems problems;
  private ValueParser parser = new ValueParser(Path.of("").toAbsolutePath());

  /**
   * @param texts by dotted key; they go before the file
   * @param defaults by dotted key; they go before the documented default
   */
  SectionBinder(Map<String, Text> texts, Map<String, String> defaults, Problems problems) {
    this.texts = texts;
    this.defaults = defaults;
    this.problems = problems;
  }

  /** The configuration, or null if it cannot be made; the problems then say why. */
  @Nullable SignalDbConfig bindRoot(TomlTable toml) {
    ConfigKey dataDir = ConfigKeys.of(SignalDbConfig.class, "").get(0);
    Object directory = scalar(dataDir, toml);
    if (directory == null) {
      return null;
    }
    parser = new ValueParser((Path) directory);
    return (SignalDbConfig) section(SignalDbConfig.class, "", toml, directory);
  }

  /**
   * @param first value of the first component if it was read before
   */
  private @Nullable Object section(
      Class<?> type, String path, @Nullable TomlTable table, @Nullable Object first) {
    List<ConfigKey> keys = ConfigKeys.of(type, path);
    if (table != null) {
      rejectUnknown(type, keys, path, table);
    }
    int before = problems.errors().size();
    Object[] values = new Object[keys.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i == 0 && first != null ? first : value(keys.get(i), table);
    }
    return problems.errors().size() > before ? null : construct(type, values);
  }

  private @Nullable Object value(ConfigKey key, @Nullable TomlTable table) {
    return switch (key.kind()) {
      case SCALAR -> scalar(key, table);
      case SECTION -> subsection(key, table);
      case LIST -> list(key, table);
      case MAP -> map(key, table);
    };
  }

  private @Nullable Object scalar(ConfigKey key, @Nullable TomlTable table) {
    Found found = find(key, table);
    if (found == null) {
      if (!key.optional()) {
        problems.add(key.path(), "missing; expected " + key.doc());
      }
      return null;
    }
    try {
      return parser.parse(key, found.value());
    } catch (IllegalArgumentException e) {
      problems.add(
          found.where(), "%s = %s: %s".formatted(key.path(), shown(key, found), e.getMessage()));
      return null;
    }
  }

  private @Nullable Object subsection(ConfigKey key, @Nullable TomlTable table) {
    Object inFile = table == null ? null : table.get(List.of(key.name()));
    if (inFile != null && !(inFile instanceof TomlTable)) {
      problems.add(where(key, table), key.path() + ": expected a section [" + key.path() + "]");
      return null;
    }
    if (inFile == null && key.optional()) {
      return null;
    }
    return section(key.type(), key.path(), (TomlTable) inFile, null);
  }

  private @Nullable Object list(ConfigKey key, @Nullable TomlTable table) {
    Found found = find(key, table);
    Object value = found == null ? null : fromText(found);
    if (!(value instanceof TomlArray array)) {
      return unexpected(key, found, "expected tables [[" + key.path() + "]]");
    }
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      if (!(array.get(i) instanceof TomlTable element)) {
        return unexpected(key, found, "expected tables [[" + key.path() + "]]");
      }
      Object bound = section(key.type(), key.path(), element, null);
      if (bound != null) {
        elements.add(bound);
      }
    }
    return List.copyOf(elements);
  }

  private @Nullable Object map(ConfigKey key, @Nullable TomlTable table) {
    Found found = find(key, table);
    Object value = found == null ? null : fromText(found);
    if (!(value instanceof TomlTable entries)) {
      return unexpected(key, found, "expected a table of strings");
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (Map.Entry<String, Object> entry : entries.dottedEntrySet()) {
      if (!(entry.getValue() instanceof String text)) {
        return unexpected(key, found, "expected a string for '" + entry.getKey() + "'");
      }
      map.put(entry.getKey().replace("\"", ""), text);
    }
    return Map.copyOf(map);
  }

  /** A list or map given as text is a TOML value. */
  private static @Nullable Object fromText(Found found) {
    if (!(found.value() instanceof String text)) {
      return found.value();
    }
    TomlParseResult parsed = Toml.parse("value = " + text);
    return parsed.hasErrors() ? null : parsed.get("value");
  }

  private @Nullable Object unexpected(ConfigKey key, @Nullable Found found, String expected) {
    problems.add(found == null ? key.path() : found.where(), key.path() + ": " + expected);
    return null;
  }

  private @Nullable Found find(ConfigKey key, @Nullable TomlTable table) {
    Text text = texts.get(key.path());
    if (text != null) {
      return new Found(text.where(), text.text());
    }
    Object inFile = table == null ? null : table.get(List.of(key.name()));
    if (inFile != null) {
      return new Found(where(key, table), inFile);
    }
    String value = defaults.getOrDefault(key.path(), key.defaultText());
    return value == null ? null : new Found("default", value);
  }

  private static String where(ConfigKey key, @Nullable TomlTable table) {
    TomlPosition position = table == null ? null : table.inputPositionOf(List.of(key.name()));
    return position == null ? key.path() : "line " + position.line();
  }

  private static String shown(ConfigKey key, Found found) {
    if (key.secret()) {
      return "***";
    }
    String text = String.valueOf(found.value()).replaceAll("//[^/@]*@", "//***@");
    return found.value() instanceof String ? '"' + text + '"' : text;
  }

  private void rejectUnknown(Class<?> type, List<ConfigKey> keys, String path, TomlTable table) {
    List<String> known = keys.stream().map(ConfigKey::name).toList();
    Superseded superseded = type.getAnnotation(Superseded.class);
    for (String name : table.keySet()) {
      String full = path.isEmpty() ? name : path + "." + name;
      if (superseded != null && Arrays.asList(superseded.keys()).contains(name)) {
        problems.warn("%s has no effect: %s".formatted(full, superseded.reason()));
      } else if (!known.contains(name)) {
        TomlPosition position = table.inputPositionOf(List.of(name));
        problems.add(
            position == null ? full : "line " + position.line(),
            "unknown key " + full + Suggestion.of(name, known));
      }
    }
  }

  private static Object construct(Class<?> type, Object[] values) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make " + type, e);
    }
  }
}
