package io.signaldb.acceptor.receive;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Snappy's block format: the length, then the compressed bytes. Remote write uses it; it is not the
 * framing format that other protocols call snappy.
 *
 * <p>Source: google/snappy format_description.txt.
 */
final class SnappyBlock {
  private SnappyBlock() {}

  /**
   * Undoes the compression. Nothing is allocated for a block that announces too much.
   *
   * @param body ownership passes to this method
   * @param held takes the memory of the result
   * @throws SignalDbException INVALID_ARGUMENT if the bytes are malformed or cut short, TOO_LARGE
   *     beyond {@code maxBytes}, RESOURCE_EXHAUSTED by {@code held}
   */
  static ByteBuffer decompress(ByteBuf body, long maxBytes, InflightBytes.Reservation held) {
    byte[] packed;
    try {
      packed = ByteBufUtil.getBytes(body);
    } finally {
      body.release();
    }
    long announced = announced(packed);
    if (announced > maxBytes) {
      throw Compression.tooLarge(maxBytes);
    }
    held.add(announced);
    byte[] message = new byte[(int) announced];
    try {
      int read =
          new SnappyDecompressor().decompress(packed, 0, packed.length, message, 0, message.length);
      if (read != message.length) {
        throw malformed("%d bytes instead of %d".formatted(read, announced), packed, null);
      }
    } catch (MalformedInputException e) {
      throw malformed(String.valueOf(e.getMessage()), packed, e);
    }
    return ByteBuffer.wrap(message);
  }

  /** The varint before the data: up to 32 bits. */
  private static long announced(byte[] packed) {
    long length = 0;
    for (int i = 0; i < packed.length && i < 5; i++) {
      length |= (packed[i] & 0x7fL) << (7 * i);
      if (packed[i] >= 0) {
        if (length > 0xffffffffL) {
          break;
        }
        return length;
      }
    }
    throw malformed("it does not begin with a length", packed, null);
  }

  private static SignalDbException malformed(String why, byte[] packed, @Nullable Throwable cause) {
    return new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "The body of %d bytes is no snappy block: %s".formatted(packed.length, why),
        cause);
  }
}
