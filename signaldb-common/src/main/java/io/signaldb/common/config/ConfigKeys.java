package io.signaldb.common.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The keys of a section, read from its record. */
final class ConfigKeys {
  private ConfigKeys() {}

  /** The keys of a section in order; {@code prefix} is its path, empty for the root. */
  static List<ConfigKey> of(Class<?> section, String prefix) {
    return Arrays.stream(section.getRecordComponents()).map(c -> key(c, prefix)).toList();
  }

  /** Every key below the root except those of list elements. */
  static List<ConfigKey> all() {
    List<ConfigKey> keys = new ArrayList<>();
    collect(SignalDbConfig.class, "", keys);
    return keys;
  }

  private static void collect(Class<?> section, String prefix, List<ConfigKey> keys) {
    for (ConfigKey key : of(section, prefix)) {
      keys.add(key);
      if (key.kind() == ConfigKey.Kind.SECTION) {
        collect(key.type(), key.path(), keys);
      }
    }
  }

  private static ConfigKey key(RecordComponent component, String prefix) {
    String name = snakeCase(component.getName());
    String path = prefix.isEmpty() ? name : prefix + "." + name;
    Class<?> type = component.getType();
    if (type == List.class) {
      Type element = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
      return new ConfigKey(path, ConfigKey.Kind.LIST, (Class<?>) element, component);
    }
    boolean section = type.isRecord() && !DatabaseDsn.class.isAssignableFrom(type);
    ConfigKey.Kind kind =
        type == Map.class
            ? ConfigKey.Kind.MAP
            : section ? ConfigKey.Kind.SECTION : ConfigKey.Kind.SCALAR;
    return new ConfigKey(path, kind, type, component);
  }

  private static String snakeCase(String camelCase) {
    return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }
}
