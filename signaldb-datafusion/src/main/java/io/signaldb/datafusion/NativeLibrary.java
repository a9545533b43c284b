package io.signaldb.datafusion;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds, unpacks and loads the native library, once per process. The library is unpacked into
 * {@code <cache>/<its hash>/}, where later processes find it; the cache is the system property
 * {@code signaldb.native.cache}, else the environment variable {@code SIGNALDB_NATIVE_CACHE}, else
 * {@code $XDG_CACHE_HOME/signaldb}, else {@code ~/.cache/signaldb}. The system property {@code
 * signaldb.native.library} names a library file to load instead. A library that was built from
 * other sources than these classes were built with is refused.
 */
final class NativeLibrary {
  private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);
  private static final String FILE = "libsignaldb_datafusion.so";
  private static final Object LOCK = new Object();
  private static boolean loaded;

  private NativeLibrary() {}

  static void load() {
    synchronized (LOCK) {
      if (loaded) {
        return;
      }
      Path library = library();
      try {
        System.load(library.toString());
      } catch (UnsatisfiedLinkError e) {
        throw new DataFusionException(
            DataFusionException.Kind.UNSUPPORTED,
            "cannot load %s: %s; if its file system forbids execution, name another directory with SIGNALDB_NATIVE_CACHE"
                .formatted(library, e.getMessage()),
            e);
      }
      requireSources(expectedSources(), sources(), library);
      loaded = true;
    }
  }

  /** The hash of the sources that these classes were built with. */
  private static String expectedSources() {
    String resource = "/native/sources.sha256";
    try (InputStream hash = NativeLibrary.class.getResourceAsStream(resource)) {
      if (hash == null) {
        throw new DataFusionException(
            DataFusionException.Kind.UNSUPPORTED,
            "resource %s is missing: signaldb-datafusion has to be built with Maven"
                .formatted(resource));
      }
      return new String(hash.readAllBytes(), StandardCharsets.US_ASCII).trim();
    } catch (IOException e) {
      throw new DataFusionException(
          DataFusionException.Kind.IO, "cannot read resource " + resource + ": " + e, e);
    }
  }

  /** The hash of the sources that the loaded library was built from. */
  private static String sources() {
    try {
      return Native.sourcesHash();
    } catch (UnsatisfiedLinkError e) {
      return "none";
    }
  }

  /**
   * Refuses a library that was built from other sources: a function that takes other arguments than
   * it is given ends the process. One that does not say what it was built from comes from cargo
   * directly; only who works on it has one, and is reminded.
   */
  static void requireSources(String expected, String built, Path library) {
    if (built.equals("unknown")) {
      log.warn("{} does not say which sources it was built from; it may not fit", library);
    } else if (!built.equals(expected)) {
      throw new DataFusionException(
          DataFusionException.Kind.UNSUPPORTED,
          "the native library %s was built from sources with the hash %s, but these classes need %s; run signaldb-datafusion/native/build.sh and package again"
              .formatted(library, built, expected));
    }
  }

  private static Path library() {
    String override = System.getProperty("signaldb.native.library");
    if (override != null) {
      return Path.of(override).toAbsolutePath();
    }
    String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
    String resource = "/native/" + platform + "/" + FILE;
    try (InputStream hash = NativeLibrary.class.getResourceAsStream(resource + ".sha256")) {
      if (hash == null) {
        throw new DataFusionException(
            DataFusionException.Kind.UNSUPPORTED,
            "no native library for %s in this build; build it with signaldb-datafusion/native/build.sh and package again"
                .formatted(platform));
      }
      String name = new String(hash.readAllBytes(), StandardCharsets.US_ASCII).trim();
      Path directory = cache().resolve(name);
      Path library = directory.resolve(FILE);
      if (!Files.exists(library)) {
        unpack(resource + ".zst", directory, library);
      }
      return library;
    } catch (IOException e) {
      throw new DataFusionException(
          DataFusionException.Kind.IO,
          "cannot unpack the native library into %s: %s; expected a writable directory, name another with SIGNALDB_NATIVE_CACHE"
              .formatted(cache(), e),
          e);
    }
  }

  /** The directory name of a platform, {@code linux-x86_64} for example. */
  static String platform(String os, String arch) {
    String system = os.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+.*", "");
    String machine =
        switch (arch) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch64";
          default -> arch;
        };
    return system + "-" + machine;
  }

  private static Path cache() {
    String configured = firstOf("signaldb.native.cache", "SIGNALDB_NATIVE_CACHE");
    if (configured != null) {
      return Path.of(configured).toAbsolutePath();
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg == null || xdg.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(xdg);
    return base.resolve("signaldb").toAbsolutePath();
  }

  private static @Nullable String firstOf(String property, String variable) {
    String value = System.getProperty(property);
    if (value == null || value.isEmpty()) {
      value = System.getenv(variable);
    }
    return value == null || value.isEmpty() ? null : value;
  }

  /** Several processes may do this at once: each writes a file of its own, the rename decides. */
  private static void unpack(String resource, Path directory, Path library) throws IOException {
    Files.createDirectories(directory);
    Path temporary = Files.createTempFile(directory, FILE, ".tmp");
    try (InputStream packed = NativeLibrary.class.getResourceAsStream(resource)) {
      if (packed == null) {
        throw new IOException("resource " + resource + " is missing");
      }
      try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE);
          OutputStream out = Channels.newOutputStream(file);
          ZstdInputStream in = new ZstdInputStream(packed)) {
        in.transferTo(out);
        file.force(true);
      }
      Files.move(temporary, library, StandardCopyOption.ATOMIC_MOVE);
      log.info("Unpacked the native library to {}", library);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
