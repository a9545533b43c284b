package io.signaldb.acceptor.otlp;

import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A cursor over protobuf's wire format, without message objects. Not thread-safe.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Protobuf encoding</a>
 */
final class WireInput {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;

  private byte[] bytes = {};
  private int position;
  private int limit;

  void reset(byte[] source, int from, int to) {
    bytes = source;
    position = from;
    limit = to;
  }

  byte[] bytes() {
    return bytes;
  }

  int position() {
    return position;
  }

  boolean hasMore() {
    return position < limit;
  }

  /** Narrows the input to the next {@code length} bytes; returns what {@link #leave} takes. */
  int enter(int length) {
    int outer = limit;
    limit = position + length;
    return outer;
  }

  void leave(int outer) {
    limit = outer;
  }

  int tag() {
    int tag = (int) varint();
    if (WireFormat.getTagFieldNumber(tag) == 0) {
      throw new NotPlain();
    }
    return tag;
  }

  long varint() {
    if (position < limit) {
      byte first = bytes[position];
      if (first >= 0) {
        position++;
        return first;
      }
    }
    return longVarint();
  }

  private long longVarint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (position == limit) {
        throw new NotPlain();
      }
      byte next = bytes[position++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new NotPlain();
  }

  long fixed64() {
    long value = (long) LONGS.get(bytes, take(Long.BYTES));
    return value;
  }

  int fixed32() {
    int value = (int) INTS.get(bytes, take(Integer.BYTES));
    return value;
  }

  /** The length before a text, bytes or message, all of which is there. */
  int length() {
    int length = (int) varint();
    if (length < 0 || length > limit - position) {
      throw new NotPlain();
    }
    return length;
  }

  /** Passes over {@code length} bytes, which are there; returns where they begin. */
  int take(int length) {
    if (length > limit - position) {
      throw new NotPlain();
    }
    int start = position;
    position += length;
    return start;
  }

  /** Passes over the value of a field. */
  void skip(int tag) {
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> varint();
      case WireFormat.WIRETYPE_FIXED64 -> take(Long.BYTES);
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> take(length());
      case WireFormat.WIRETYPE_FIXED32 -> take(Integer.BYTES);
      default -> throw new NotPlain();
    }
  }

  /** Requires that bytes of this input are UTF-8. */
  static void requireUtf8(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      if (((long) LONGS.get(bytes, at) & HIGH_BITS) != 0) {
        break;
      }
    }
    while (at < end && bytes[at] >= 0) {
      at++;
    }
    if (at < end && !UnsafeByteOperations.unsafeWrap(bytes, at, end - at).isValidUtf8()) {
      throw new NotPlain();
    }
  }
}
