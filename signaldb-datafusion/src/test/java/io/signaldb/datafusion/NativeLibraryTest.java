package io.signaldb.datafusion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeLibraryTest {
  private static final String LIBRARY = "/native/linux-x86_64/libsignaldb_datafusion.so";

  /** As {@code build.sh} does it: carriage returns do not count. */
  private static String sourcesHash() throws IOException {
    Path root = Path.of(System.getProperty("signaldb.root"), "signaldb-datafusion", "native");
    StringBuilder list = new StringBuilder();
    try (Stream<Path> sources = Files.walk(root.resolve("src"))) {
      List<String> files =
          Stream.concat(
                  sources.filter(Files::isRegularFile),
                  Stream.of(root.resolve("Cargo.toml"), root.resolve("Cargo.lock")))
              .map(file -> root.relativize(file).toString().replace('\\', '/'))
              .sorted()
              .toList();
      for (String file : files) {
        String text = Files.readString(root.resolve(file)).replace("\r", "");
        list.append(sha256(text)).append("  ").append(file).append('\n');
      }
    }
    return sha256(list.toString());
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = NativeLibraryTest.class.getResourceAsStream(name)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.US_ASCII).trim();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void isBuiltFromTheseSources() throws Exception {
    assertThat(resource(LIBRARY + ".sources.sha256"))
        .as(
            "sources of the library in the resources; rebuild it: signaldb-datafusion/native/build.sh")
        .isEqualTo(sourcesHash());
    NativeLibrary.load();
    assertThat(Native.sourcesHash())
        .as(
            "sources of the library that is loaded; rebuild it: signaldb-datafusion/native/build.sh")
        .isEqualTo(sourcesHash());
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
