package io.signaldb.common.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a dataset's files are kept. */
public sealed interface StorageDsn {

  /** A directory of this machine, absolute. */
  record Local(Path directory) implements StorageDsn {
    @Override
    public String toString() {
      return "file://" + directory;
    }
  }

  /** A temporary directory that lives as long as the process. */
  record Memory() implements StorageDsn {
    private static final String TEXT = "memory://";

    @Override
    public String toString() {
      return TEXT;
    }
  }

  /**
   * A bucket.
   *
   * @param prefix object key prefix without slashes at its ends; empty for none
   * @param endpoint server to talk to, with path-style requests; null for the environment's, which
   *     is AWS unless it says otherwise
   * @param accessKey key id; null to use the environment's credentials
   * @param secretKey null exactly when {@code accessKey} is
   */
  record S3(
      String bucket,
      String prefix,
      @Nullable URI endpoint,
      @Nullable String accessKey,
      @Nullable String secretKey)
      implements StorageDsn {
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    private static final String EXPECTED =
        "expected s3://BUCKET/PREFIX or s3://KEY:SECRET@HOST:PORT/BUCKET/PREFIX";

    public S3 {
      if (!BUCKET.matcher(bucket).matches()) {
        throw new IllegalArgumentException(
            "expected a bucket name of 3 to 63 of a-z 0-9 . - in place of '%s'".formatted(bucket));
      }
    }

    @Override
    public String toString() {
      return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
    }

    private static S3 parse(URI uri) {
      String authority = uri.getRawAuthority();
      if (authority == null) {
        throw new IllegalArgumentException(EXPECTED);
      }
      String path = strip(uri.getPath());
      String userInfo = uri.getRawUserInfo();
      boolean endpoint = userInfo != null || uri.getPort() >= 0 || authority.contains(".");
      if (!endpoint) {
        return new S3(authority, path, null, null, null);
      }
      if (uri.getHost() == null || path.isEmpty()) {
        throw new IllegalArgumentException(EXPECTED);
      }
      int slash = path.indexOf('/');
      String bucket = slash < 0 ? path : path.substring(0, slash);
      String prefix = slash < 0 ? "" : path.substring(slash + 1);
      String accessKey = null;
      String secretKey = null;
      if (userInfo != null) {
        String[] keys = userInfo.split(":", 2);
        if (keys.length < 2 || keys[0].isEmpty() || keys[1].isEmpty()) {
          throw new IllegalArgumentException("expected KEY:SECRET before the @");
        }
        accessKey = ValueParser.urlDecode(keys[0]);
        secretKey = ValueParser.urlDecode(keys[1]);
      }
      return new S3(bucket, prefix, endpoint(uri), accessKey, secretKey);
    }

    private static @Nullable URI endpoint(URI uri) {
      if (uri.getHost().endsWith(".amazonaws.com")) {
        return null;
      }
      String scheme = uri.getPort() == 443 ? "https" : "http";
      return URI.create(
          scheme + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()));
    }

    private static String strip(String path) {
      return path.replaceAll("^/+|/+$", "");
    }
  }

  /**
   * Reads {@code file:///PATH}, {@code memory://}, {@code s3://BUCKET/PREFIX} or {@code
   * s3://[KEY:SECRET@]HOST[:PORT]/BUCKET/PREFIX}. A dot, a port or credentials tell a host from a
   * bucket; a host is talked to over https on port 443 and over http otherwise.
   *
   * @param dataDir what a file path beginning {@code /.data/} is below
   * @throws IllegalArgumentException saying what was expected, without the value
   */
  static StorageDsn parse(String text, Path dataDir) {
    if (text.equals(Memory.TEXT)) {
      return new Memory();
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("expected a URI, " + e.getReason(), e);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme();
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("expected no '?' or '#'");
    }
    return switch (scheme) {
      case "file" -> local(uri, dataDir);
      case "s3" -> S3.parse(uri);
      default -> throw new IllegalArgumentException("expected a scheme of file, memory or s3");
    };
  }

  private static Local local(URI uri, Path dataDir) {
    String path = uri.getPath();
    if (path == null || !path.startsWith("/") || uri.getRawAuthority() != null) {
      throw new IllegalArgumentException(
          "expected an absolute path as in file:///var/lib/signaldb, or file:///.data/storage");
    }
    return new Local(
        path.startsWith("/.") ? ValueParser.below(dataDir, path.substring(1)) : Path.of(path));
  }
}
