package io.signaldb.common.config;

import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A configuration as TOML. */
public final class ConfigText {
  private ConfigText() {}

  /** The values in effect; secrets are masked, keys without a value are left out. */
  public static String effective(SignalDbConfig config) {
    StringBuilder text = new StringBuilder();
    append(text, config, "", "");
    return text.toString();
  }

  /** Scalars first: in TOML a key after a section header belongs to that section. */
  private static void append(StringBuilder text, Object section, String path, String header) {
    List<ConfigKey> keys = ConfigKeys.of(section.getClass(), path);
    text.append(header);
    for (ConfigKey key : keys) {
      Object value = value(section, key);
      if (value != null && key.kind() == ConfigKey.Kind.SCALAR) {
        text.append(key.name()).append(" = ").append(shown(key, value)).append('\n');
      } else if (value instanceof Map<?, ?> map && !map.isEmpty()) {
        text.append(key.name()).append(" = ").append(inline(key, map)).append('\n');
      }
    }
    for (ConfigKey key : keys) {
      Object value = value(section, key);
      if (value != null && key.kind() == ConfigKey.Kind.SECTION) {
        append(text, value, key.path(), "\n[" + key.path() + "]\n");
      } else if (value instanceof List<?> elements) {
        elements.forEach(
            element -> append(text, element, key.path(), "\n[[" + key.path() + "]]\n"));
      }
    }
  }

  private static @Nullable Object value(Object section, ConfigKey key) {
    try {
      return key.component().getAccessor().invoke(section);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot read " + key.path(), e);
    }
  }

  private static String shown(ConfigKey key, Object value) {
    if (key.secret()) {
      return quoted("***");
    }
    if (value instanceof Boolean || value instanceof Number) {
      return value.toString();
    }
    if (value instanceof Duration duration) {
      return quoted(durationText(duration));
    }
    if (value instanceof Enum<?> constant) {
      return quoted(constant.name().toLowerCase(Locale.ROOT));
    }
    return quoted(withoutLogin(value.toString()));
  }

  /** A URL may hold user and password. */
  private static String withoutLogin(String text) {
    return text.replaceFirst("://[^/?#]*@", "://***@").replaceAll("([?&]password=)[^&]*", "$1***");
  }

  static String durationText(Duration duration) {
    return duration.toMillisPart() == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
  }

  private static String inline(ConfigKey key, Map<?, ?> map) {
    StringBuilder text = new StringBuilder("{ ");
    new TreeMap<>(map)
        .forEach(
            (name, value) ->
                text.append(text.length() > 2 ? ", " : "")
                    .append(quoted(name.toString()))
                    .append(" = ")
                    .append(shown(key, value)));
    return text.append(" }").toString();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
