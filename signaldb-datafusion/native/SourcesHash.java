import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Prints the hash of the native library's sources: {@code java SourcesHash.java DIRECTORY}. The
 * library is built with it and the classes are, so that neither is used with another's. Carriage
 * returns do not count.
 */
final class SourcesHash {
  private SourcesHash() {}

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
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
    System.out.println(sha256(list.toString()));
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
