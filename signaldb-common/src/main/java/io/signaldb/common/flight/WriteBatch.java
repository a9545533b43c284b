package io.signaldb.common.flight;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One batch of rows as it travels to the Writer and lies in a log: a header and a self-contained
 * Arrow IPC stream of exactly one record batch with its dictionaries. Encoded as {@code [u32 LE
 * header length][header JSON][IPC bytes]}.
 *
 * @param ipc the IPC stream from position to limit; borrowed, its position is never moved
 */
public record WriteBatch(BatchHeader header, ByteBuffer ipc) {
  /** Descriptor path of the long-lived {@code do_put} that carries encoded batches. */
  public static final List<String> DESCRIPTOR_PATH = List.of("signaldb", "batches");

  private static final int MAX_HEADER_BYTES = 64 * 1024;

  /**
   * The encoded form in pieces, the second a view of {@link #ipc}: nothing large is copied. The
   * pieces are the caller's to read.
   */
  public ByteBuffer[] encode() {
    byte[] json = header.toJson();
    ByteBuffer head =
        ByteBuffer.allocate(Integer.BYTES + json.length).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(json.length).put(json).flip();
    return new ByteBuffer[] {head, ipc.duplicate()};
  }

  /**
   * Reads the encoded form.
   *
   * @param encoded from position to limit; the result's {@code ipc} is a view of it
   * @throws SignalDbException INVALID_ARGUMENT if the header is malformed; the IPC bytes are not
   *     looked at
   */
  public static WriteBatch decode(ByteBuffer encoded) {
    ByteBuffer bytes = encoded.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.remaining() < Integer.BYTES) {
      throw malformed("%d bytes; expected a 4-byte header length".formatted(bytes.remaining()));
    }
    int length = bytes.getInt();
    if (length < 0 || length > Math.min(MAX_HEADER_BYTES, bytes.remaining())) {
      throw malformed(
          "header length %d; expected at most %d"
              .formatted(length, Math.min(MAX_HEADER_BYTES, bytes.remaining())));
    }
    ByteBuffer json = bytes.slice(bytes.position(), length);
    ByteBuffer ipc = bytes.slice(bytes.position() + length, bytes.remaining() - length);
    return new WriteBatch(
        BatchHeader.fromJson(StandardCharsets.UTF_8.decode(json).toString()), ipc);
  }

  private static SignalDbException malformed(String detail) {
    return new SignalDbException(ErrorCode.INVALID_ARGUMENT, "Invalid batch: " + detail);
  }
}
