package io.signaldb.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Run with {@code -Dregenerate} to write the two files anew. */
class ConfigReferenceTest {
  private static final Path ROOT = Path.of(System.getProperty("signaldb.root"));

  @TempDir Path directory;

  @Test
  void referenceFileNamesEveryKeyWithItsDefault() throws IOException {
    compare(ROOT.resolve("signaldb.toml"), ConfigReference.toml());
  }

  @Test
  void documentationPageNamesEveryKeyWithItsDefault() throws IOException {
    compare(ROOT.resolve("docs/configuration.md"), ConfigReference.markdown());
  }

  @Test
  void referenceFileAsItIsAndWithItsDefaultsUncommentedMeansTheDefaults() throws IOException {
    SignalDbConfig defaults = load("");
    assertThat(load(ConfigReference.toml())).isEqualTo(defaults);
    String uncommented =
        ConfigReference.toml()
            .lines()
            .filter(line -> !line.endsWith("# not set"))
            .takeWhile(line -> !line.contains("[[auth.tenants]]"))
            .map(line -> line.replaceFirst("^# ([a-z_]+ = )", "$1"))
            .collect(Collectors.joining("\n"));
    assertThat(load(uncommented)).isEqualTo(defaults);
  }

  private SignalDbConfig load(String toml) throws IOException {
    Path file = Files.writeString(directory.resolve("test.toml"), toml);
    return new ConfigLoader(Map.of(), Map.of()).load(file, Map.of()).config();
  }

  private static void compare(Path file, String expected) throws IOException {
    if (System.getProperty("regenerate") != null) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, expected);
    }
    assertThat(file)
        .as("generated; write it with ./mvnw test -pl signaldb-common -Dregenerate")
        .hasContent(expected);
  }
}
