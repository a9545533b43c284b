package io.signaldb.acceptor.otlp;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;

/** Ids as lower-case hex, through a buffer of its own. Not thread-safe. */
final class Hex {
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] buffer = new byte[32];

  void put(TextSink sink, int row, ByteString id) {
    int length = Math.multiplyExact(id.size(), 2);
    buffer = Growth.ensure(buffer, length);
    for (int i = 0; i < id.size(); i++) {
      byte value = id.byteAt(i);
      buffer[2 * i] = DIGITS[value >> 4 & 0xf];
      buffer[2 * i + 1] = DIGITS[value & 0xf];
    }
    sink.put(row, buffer, 0, length);
  }

  void put(TextSink sink, int row, byte[] id, int offset, int length) {
    int digits = Math.multiplyExact(length, 2);
    buffer = Growth.ensure(buffer, digits);
    for (int i = 0; i < length; i++) {
      byte value = id[offset + i];
      buffer[2 * i] = DIGITS[value >> 4 & 0xf];
      buffer[2 * i + 1] = DIGITS[value & 0xf];
    }
    sink.put(row, buffer, 0, digits);
  }

  static boolean isAbsent(byte[] id, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (id[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether {@code id} is empty or all zeros, which both mean that there is none. */
  static boolean isAbsent(ByteString id) {
    for (int i = 0; i < id.size(); i++) {
      if (id.byteAt(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
