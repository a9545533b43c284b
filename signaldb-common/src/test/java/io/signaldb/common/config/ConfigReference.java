package io.signaldb.common.config;

import java.util.List;

/** The reference file and the documentation page, written from the records. */
final class ConfigReference {
  private ConfigReference() {}

  /** {@code signaldb.toml}: every key with its default, commented out. */
  static String toml() {
    StringBuilder text =
        new StringBuilder(
            """
            # Every key of the configuration with its default. SignalDB reads signaldb.toml in the current
            # directory, or the file named by --config; environment variables such as
            # SIGNALDB_STORAGE_DSN and options of the command line go before it.
            # See docs/configuration.md.

            """);
    appendToml(text, ConfigKeys.of(SignalDbConfig.class, ""));
    return text.toString();
  }

  private static void appendToml(StringBuilder text, List<ConfigKey> keys) {
    for (ConfigKey key : keys) {
      if (key.kind() == ConfigKey.Kind.SCALAR || key.kind() == ConfigKey.Kind.MAP) {
        comment(text, key.doc());
        String value = key.defaultText();
        text.append("# ")
            .append(key.name())
            .append(" = ")
            .append(literal(key, value == null ? key.example() : value))
            .append(value != null ? "\n" : key.optional() ? "  # not set\n" : "  # required\n");
      }
    }
    for (ConfigKey key : keys) {
      String header =
          switch (key.kind()) {
            case SECTION -> "[" + key.path() + "]";
            case LIST -> "[[" + key.path() + "]]";
            case SCALAR, MAP -> null;
          };
      if (header != null) {
        text.append('\n');
        comment(text, key.doc());
        boolean example =
            key.kind() == ConfigKey.Kind.LIST || key.path().startsWith("auth.tenants");
        text.append(example ? "# " : "").append(header).append('\n');
        appendToml(text, ConfigKeys.of(key.type(), key.path()));
      }
    }
  }

  private static void comment(StringBuilder text, String doc) {
    StringBuilder line = new StringBuilder("#");
    for (String word : doc.split(" ")) {
      if (line.length() + 1 + word.length() > 100) {
        text.append(line).append('\n');
        line = new StringBuilder("#");
      }
      line.append(' ').append(word);
    }
    text.append(line).append('\n');
  }

  /** {@code docs/configuration.md}. */
  static String markdown() {
    StringBuilder text =
        new StringBuilder(
            """
            # Configuration

            SignalDB reads, in this order, later ones winning: the defaults below; `signaldb.toml` in the
            current directory, or the file named by `--config`; environment variables; command line options.
            Every mistake is reported at once, and unknown keys are refused. `signaldb config` prints what is
            in effect, `signaldb validate` only checks it.

            - A key `max_segment_size` of section `[wal]` is the environment variable
              `SIGNALDB_WAL_MAX_SEGMENT_SIZE` or `SIGNALDB__WAL__MAX_SEGMENT_SIZE`, and on the command line
              `--set wal.max_segment_size=32MiB`. Lists and tables are given as TOML values.
            - Durations are numbers with units: `500ms`, `30s`, `5m`, `1h30m`, `14d`.
            - Sizes are bytes, or numbers with `KiB`, `MiB`, `GiB`, `TiB`.
            - Relative paths are below `data_dir`; a leading `.data/` stands for it.

            This page is generated from the configuration records; a test compares it.
            """);
    section(text, "", ConfigKeys.of(SignalDbConfig.class, ""));
    return text.toString();
  }

  private static void section(StringBuilder text, String heading, List<ConfigKey> keys) {
    text.append(heading).append("\n| Key | Default | What it does |\n|---|---|---|\n");
    for (ConfigKey key : keys) {
      if (key.kind() == ConfigKey.Kind.SCALAR || key.kind() == ConfigKey.Kind.MAP) {
        String value = key.defaultText();
        text.append("| `")
            .append(key.name())
            .append("` | ")
            .append(
                value != null
                    ? "`" + literal(key, value) + "`"
                    : key.optional() ? "not set" : "required")
            .append(" | ")
            .append(key.doc())
            .append(" |\n");
      }
    }
    for (ConfigKey key : keys) {
      if (key.kind() == ConfigKey.Kind.SECTION || key.kind() == ConfigKey.Kind.LIST) {
        String name =
            key.kind() == ConfigKey.Kind.LIST ? "[[" + key.path() + "]]" : "[" + key.path() + "]";
        section(
            text,
            "\n## `" + name + "`\n\n" + key.doc() + "\n",
            ConfigKeys.of(key.type(), key.path()));
      }
    }
  }

  private static String literal(ConfigKey key, String text) {
    Class<?> type = key.type();
    boolean bare =
        key.kind() == ConfigKey.Kind.MAP || type == boolean.class || text.matches("\\d+");
    return bare ? text : '"' + text + '"';
  }
}
