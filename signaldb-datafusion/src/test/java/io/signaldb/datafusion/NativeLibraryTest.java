package io.signaldb.datafusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeLibraryTest {
  private static final String SOURCES = "/native/sources.sha256";
  private static final String LIBRARY = "/native/linux-x86_64/libsignaldb_datafusion.so";

  private static String resource(String name) {
    try (InputStream in = NativeLibraryTest.class.getResourceAsStream(name)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.US_ASCII).trim();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void isBuiltFromTheseSources() {
    assertThat(resource(LIBRARY + ".sources.sha256"))
        .as(
            "sources of the library in the resources; rebuild it: signaldb-datafusion/native/build.sh")
        .isEqualTo(resource(SOURCES));
    NativeLibrary.load();
    assertThat(Native.sourcesHash()).isEqualTo(resource(SOURCES));
  }

  /** Loads the library and prints why it cannot. */
  static final class Load {
    public static void main(String[] args) {
      try {
        NativeLibrary.load();
        System.out.println("loaded");
      } catch (DataFusionException e) {
        System.out.println(e.kind() + ": " + e.getMessage());
      }
    }
  }

  @Test
  void refusesALibraryOfOtherSourcesAndNamesTheCommand(@TempDir Path classes) throws Exception {
    Path sources = classes.resolve(SOURCES.substring(1));
    Files.createDirectories(sources.getParent());
    Files.writeString(sources, "0123abcd\n");
    String classpath = classes + File.pathSeparator + System.getProperty("java.class.path");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classpath,
                Load.class.getName())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(printed)
        .contains("UNSUPPORTED: the native library ")
        .contains("sources with the hash " + resource(SOURCES))
        .contains("these classes need 0123abcd")
        .contains("run signaldb-datafusion/native/build.sh");
  }

  @Test
  void takesALibraryThatDoesNotSayWhatItIsBuiltFrom() {
    Path library = Path.of("libsignaldb_datafusion.so");
    assertThatCode(() -> NativeLibrary.requireSources("0123abcd", "unknown", library))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> NativeLibrary.requireSources("0123abcd", "none", library))
        .isInstanceOf(DataFusionException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x86_64",
    "Linux, aarch64, linux-aarch64",
    "Mac OS X, aarch64, mac-aarch64",
    "Windows 11, amd64, windows-x86_64"
  })
  void namesThePlatform(String os, String arch, String platform) {
    assertThat(NativeLibrary.platform(os, arch)).isEqualTo(platform);
  }
}
