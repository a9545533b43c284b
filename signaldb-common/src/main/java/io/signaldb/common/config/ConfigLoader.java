package io.signaldb.common.config;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/**
 * Reads the configuration. What is said later wins: defaults, the file, environment variables
 * {@code SIGNALDB_SECTION_KEY} or {@code SIGNALDB__SECTION__KEY}, command line options. Every
 * mistake is reported, not only the first.
 */
public final class ConfigLoader {
  /** Variables that the launcher, the native library and the load generator read. */
  private static final Set<String> OTHERS =
      Set.of("SIGNALDB_JAVA_OPTS", "SIGNALDB_NATIVE_CACHE", "SIGNALDB_API_KEY");

  /** Read from the current directory when no file is named. */
  public static final String DEFAULT_FILE = "signaldb.toml";

  private final Map<String, String> environment;
  private final Map<String, String> defaults;

  /**
   * @param environment variables of the process
   * @param defaults other defaults than the documented ones, by dotted key
   */
  public ConfigLoader(Map<String, String> environment, Map<String, String> defaults) {
    this.environment = Map.copyOf(environment);
    this.defaults = Map.copyOf(defaults);
  }

  /**
   * Reads everything.
   *
   * @param file null for {@link #DEFAULT_FILE} if that exists
   * @param options values of the command line, by dotted key
   * @throws SignalDbException INVALID_ARGUMENT with one line for each mistake: where, the value,
   *     what was expected
   */
  public LoadedConfig load(@Nullable Path file, Map<String, String> options) {
    Problems problems = new Problems();
    Path source = file;
    if (source == null && Files.exists(Path.of(DEFAULT_FILE))) {
      source = Path.of(DEFAULT_FILE);
    }
    TomlParseResult toml = source == null ? Toml.parse("") : parse(source);
    toml.errors().forEach(e -> problems.add("line " + e.position().line(), e.getMessage()));
    Map<String, SectionBinder.Text> texts = new HashMap<>();
    readEnvironment(texts, problems);
    options.forEach(
        (path, text) -> texts.put(path, new SectionBinder.Text("option " + path, text)));
    rejectUnknown(options, problems);
    SignalDbConfig config = new SectionBinder(texts, defaults, problems).bindRoot(toml);
    if (config != null) {
      ConfigRules.check(config, problems);
    }
    if (config == null || !problems.errors().isEmpty()) {
      throw invalid(source, problems.errors());
    }
    return new LoadedConfig(config, problems.warnings());
  }

  /** Dotted keys of a section that hold one value each; none if there is no such section. */
  public static List<String> scalarKeys(String section) {
    return ConfigKeys.all().stream()
        .filter(key -> key.kind() == ConfigKey.Kind.SCALAR)
        .map(ConfigKey::path)
        .filter(path -> path.startsWith(section + "."))
        .toList();
  }

  /** What a key does. */
  public static String documentation(String path) {
    return ConfigKeys.all().stream()
        .filter(key -> key.path().equals(path))
        .map(ConfigKey::doc)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no key " + path));
  }

  private static TomlParseResult parse(Path file) {
    try {
      return Toml.parse(file);
    } catch (IOException e) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Cannot read configuration file '%s': expected a readable TOML file (%s)"
              .formatted(file, e),
          e);
    }
  }

  private void readEnvironment(Map<String, SectionBinder.Text> texts, Problems problems) {
    Map<String, String> pathByVariable = new HashMap<>();
    for (ConfigKey key : ConfigKeys.all()) {
      if (key.kind() != ConfigKey.Kind.SECTION) {
        pathByVariable.put(key.variable(), key.path());
        pathByVariable.put(key.longVariable(), key.path());
      }
    }
    environment.forEach(
        (name, text) -> {
          String path = pathByVariable.get(name);
          if (path != null) {
            texts.put(path, new SectionBinder.Text("environment variable " + name, text));
          } else if (name.startsWith("SIGNALDB__")) {
            problems.add(
                "environment variable " + name,
                "no such key" + Suggestion.of(name, pathByVariable.keySet()));
          } else if (name.startsWith("SIGNALDB_") && !OTHERS.contains(name)) {
            // Kubernetes makes such variables for a service called signaldb, so only what looks
            // like
            // a slip is worth a word.
            String suggestion = Suggestion.of(name, pathByVariable.keySet());
            if (!suggestion.isEmpty()) {
              problems.warn(
                  "Environment variable %s is no configuration key and has no effect%s"
                      .formatted(name, suggestion));
            }
          }
        });
  }

  private static void rejectUnknown(Map<String, String> options, Problems problems) {
    List<String> known =
        ConfigKeys.all().stream()
            .filter(key -> key.kind() != ConfigKey.Kind.SECTION)
            .map(ConfigKey::path)
            .toList();
    for (String path : options.keySet()) {
      if (!known.contains(path)) {
        problems.add("option " + path, "no such key" + Suggestion.of(path, known));
      }
    }
  }

  private static SignalDbException invalid(@Nullable Path source, List<String> errors) {
    String where = source == null ? "" : " (file " + source + ")";
    return new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "Configuration is wrong in %d place%s%s:\n  %s"
            .formatted(
                errors.size(), errors.size() == 1 ? "" : "s", where, String.join("\n  ", errors)));
  }
}
