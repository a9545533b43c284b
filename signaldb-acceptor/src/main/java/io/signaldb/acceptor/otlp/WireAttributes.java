package io.signaldb.acceptor.otlp;

import com.google.protobuf.WireFormat;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.Arrays;

/**
 * A list of OTLP's {@code KeyValue} as it lies on the wire. Not thread-safe; reused from list to
 * list.
 */
final class WireAttributes {
  private static final int KEY = text(KeyValue.KEY_FIELD_NUMBER);
  private static final int VALUE = text(KeyValue.VALUE_FIELD_NUMBER);
  private static final int STRING_VALUE = text(AnyValue.STRING_VALUE_FIELD_NUMBER);
  private static final int BOOL_VALUE =
      AnyValue.BOOL_VALUE_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
  private static final int INT_VALUE =
      AnyValue.INT_VALUE_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
  private static final int DOUBLE_VALUE =
      AnyValue.DOUBLE_VALUE_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_FIXED64;

  /** What a value is. */
  enum Kind {
    TEXT,
    INT,
    /** By its bits. */
    DOUBLE,
    BOOL,
    /** Anything else {@code AnyValue} can be, not yet parsed. */
    OTHER
  }

  private final WireInput input = new WireInput();
  private int count;
  private Kind[] kinds = new Kind[16];

  /** A place is its offset in the upper half and its length in the lower. */
  private long[] keys = new long[16];

  /** The value, or its place. */
  private long[] values = new long[16];

  /**
   * Reads a list; neither keys nor texts are checked to be UTF-8.
   *
   * @throws NotPlain if a message is malformed or unusual
   */
  void read(WireFrame frame, int list) {
    count = frame.count(list);
    if (count > kinds.length) {
      int size = Math.max(count, 2 * kinds.length);
      kinds = Arrays.copyOf(kinds, size);
      keys = Arrays.copyOf(keys, size);
      values = Arrays.copyOf(values, size);
    }
    for (int i = 0; i < count; i++) {
      int offset = frame.offset(list, i);
      input.reset(frame.bytes(), offset, offset + frame.length(list, i));
      keys[i] = 0;
      values[i] = 0;
      kinds[i] = Kind.OTHER;
      boolean hasKey = false;
      boolean hasValue = false;
      while (input.hasMore()) {
        int tag = input.tag();
        if (tag == KEY && !hasKey) {
          hasKey = true;
          keys[i] = place();
        } else if (tag == VALUE && !hasValue) {
          hasValue = true;
          readValue(i);
        } else {
          // A second value would be merged with the first, as protobuf does it.
          throw new NotPlain();
        }
      }
    }
  }

  /** Of an {@code AnyValue} that is nothing but a text its length, else -1; the text ends it. */
  static int textLength(byte[] bytes, int offset, int length) {
    // A tag and a length of one to five bytes stand before the text.
    if (length < 2 || bytes[offset] != STRING_VALUE) {
      return -1;
    }
    long text = 0;
    for (int at = 1; at < Math.min(length, 6); at++) {
      byte next = bytes[offset + at];
      text |= (next & 0x7fL) << (7 * (at - 1));
      if (next >= 0) {
        return text == length - at - 1 ? (int) text : -1;
      }
    }
    return -1;
  }

  /** The last attribute of the list with a key, or -1. */
  int last(byte[] key, byte[] bytes) {
    for (int i = count - 1; i >= 0; i--) {
      if (Arrays.equals(key, 0, key.length, bytes, keyOffset(i), keyOffset(i) + keyLength(i))) {
        return i;
      }
    }
    return -1;
  }

  int keyOffset(int i) {
    return (int) (keys[i] >>> 32);
  }

  int keyLength(int i) {
    return (int) keys[i];
  }

  Kind kind(int i) {
    return kinds[i];
  }

  /** Of INT, DOUBLE and BOOL. */
  long value(int i) {
    return values[i];
  }

  /** Where the text, or the message of OTHER, begins. */
  int offset(int i) {
    return (int) (values[i] >>> 32);
  }

  int length(int i) {
    return (int) values[i];
  }

  private void readValue(int i) {
    int length = input.length();
    int start = input.position();
    int outer = input.enter(length);
    if (input.hasMore()) {
      int tag = input.tag();
      if (tag == STRING_VALUE) {
        values[i] = place();
        kinds[i] = Kind.TEXT;
      } else if (tag == INT_VALUE) {
        values[i] = input.varint();
        kinds[i] = Kind.INT;
      } else if (tag == DOUBLE_VALUE) {
        values[i] = input.fixed64();
        kinds[i] = Kind.DOUBLE;
      } else if (tag == BOOL_VALUE) {
        values[i] = input.varint();
        kinds[i] = Kind.BOOL;
      } else {
        other(i, start, length);
      }
      if (input.hasMore()) {
        other(i, start, length);
      }
    }
    input.leave(outer);
  }

  private void other(int i, int start, int length) {
    kinds[i] = Kind.OTHER;
    values[i] = (long) start << 32 | length;
    input.take(start + length - input.position());
  }

  private long place() {
    int length = input.length();
    return (long) input.take(length) << 32 | length;
  }

  private static int text(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }
}
