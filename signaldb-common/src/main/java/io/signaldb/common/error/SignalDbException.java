package io.signaldb.common.error;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of SignalDB. The message is for the caller: it shows the offending value, what
 * was expected, and what to do next; it holds no secret and no stack.
 */
public final class SignalDbException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final @Nullable Duration retryAfter;

  public SignalDbException(ErrorCode code, String message) {
    this(code, message, null, null);
  }

  public SignalDbException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(code, message, cause, null);
  }

  private SignalDbException(
      ErrorCode code, String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
    super(message, cause);
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** An overload error: RESOURCE_EXHAUSTED or UNAVAILABLE with a hint when to come back. */
  public static SignalDbException retryLater(ErrorCode code, String message, Duration retryAfter) {
    return new SignalDbException(code, message, null, retryAfter);
  }

  public ErrorCode code() {
    return code;
  }

  /** How long the caller should wait before a retry, where that is known. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
