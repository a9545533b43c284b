package io.signaldb.common.auth;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A key with its SHA-256, by which keys are compared and stored. */
final class ApiKey {
  private static final String SCHEME = "Bearer ";

  private final String text;
  private final byte[] digest;

  ApiKey(String text) {
    this.text = text;
    this.digest = sha256(text);
  }

  /** A key nobody else knows. */
  static ApiKey random() {
    return new ApiKey("sk-internal-" + UUID.randomUUID());
  }

  /**
   * The key of an {@code Authorization} header.
   *
   * @throws SignalDbException UNAUTHENTICATED without one, INVALID_ARGUMENT if it is malformed
   */
  static ApiKey bearer(@Nullable String authorization) {
    if (authorization == null || authorization.isBlank()) {
      throw new SignalDbException(
          ErrorCode.UNAUTHENTICATED,
          "Credentials are missing; expected Authorization: Bearer <key>");
    }
    String header = authorization.strip();
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        || header.substring(SCHEME.length()).isBlank()) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Malformed Authorization header; expected Authorization: Bearer <key>");
    }
    return new ApiKey(header.substring(SCHEME.length()).strip());
  }

  String text() {
    return text;
  }

  /** Lower-case hexadecimal SHA-256 of the key's UTF-8 bytes. */
  String hash() {
    return HexFormat.of().formatHex(digest);
  }

  /** Compares in a time that does not tell how much is equal. */
  boolean matches(ApiKey other) {
    return MessageDigest.isEqual(digest, other.digest);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
