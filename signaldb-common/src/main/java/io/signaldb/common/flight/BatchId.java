package io.signaldb.common.flight;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Names a batch for ever; text form {@code <uuid>-<sequence>}.
 *
 * @param acceptor identity of the Acceptor's log directory, kept across restarts
 * @param sequence rises with each batch of that Acceptor; not negative
 */
public record BatchId(UUID acceptor, long sequence) {
  private static final int UUID_LENGTH = 36;

  public BatchId {
    if (sequence < 0) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid batch sequence " + sequence + ": expected 0 or more");
    }
  }

  /**
   * Reads the text form.
   *
   * @throws SignalDbException INVALID_ARGUMENT if it is malformed
   */
  public static BatchId parse(String text) {
    try {
      if (text.length() > UUID_LENGTH + 1 && text.charAt(UUID_LENGTH) == '-') {
        return new BatchId(
            UUID.fromString(text.substring(0, UUID_LENGTH)),
            Long.parseUnsignedLong(text, UUID_LENGTH + 1, text.length(), 10));
      }
    } catch (IllegalArgumentException e) {
      throw malformed(text, e);
    }
    throw malformed(text, null);
  }

  private static SignalDbException malformed(String text, @Nullable Exception cause) {
    return new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "Invalid batch id '%s': expected <uuid>-<sequence>".formatted(text),
        cause);
  }

  @Override
  public String toString() {
    return acceptor + "-" + sequence;
  }
}
