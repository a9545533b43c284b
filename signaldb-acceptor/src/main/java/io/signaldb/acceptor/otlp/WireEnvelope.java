package io.signaldb.acceptor.otlp;

import com.google.protobuf.WireFormat;
import java.util.Arrays;

/**
 * A message taken apart into the messages of one of its lists, by place, and the encoded rest. Not
 * thread-safe; reused from message to message.
 */
final class WireEnvelope {
  private final int listTag;
  private final WireInput input = new WireInput();
  private int[] places = new int[32];
  private int count;
  private byte[] rest = {};
  private int restLength;

  /**
   * @param listField number of the repeated message
   */
  WireEnvelope(int listField) {
    listTag = listField << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  /**
   * Takes a message apart.
   *
   * @throws NotPlain if it is malformed
   */
  void read(byte[] bytes, int offset, int length) {
    count = 0;
    restLength = 0;
    input.reset(bytes, offset, offset + length);
    while (input.hasMore()) {
      int start = input.position();
      int tag = input.tag();
      if (tag == listTag) {
        int size = input.length();
        add(input.take(size), size);
      } else {
        input.skip(tag);
        int size = input.position() - start;
        rest = Growth.ensure(rest, restLength + size);
        System.arraycopy(bytes, start, rest, restLength, size);
        restLength += size;
      }
    }
  }

  /** Messages in the list. */
  int count() {
    return count;
  }

  int offset(int message) {
    return places[2 * message];
  }

  int length(int message) {
    return places[2 * message + 1];
  }

  /** The message without its list, from the start of the array to {@link #restLength}. */
  byte[] rest() {
    return rest;
  }

  int restLength() {
    return restLength;
  }

  private void add(int offset, int length) {
    if (2 * count == places.length) {
      places = Arrays.copyOf(places, 4 * count);
    }
    places[2 * count] = offset;
    places[2 * count + 1] = length;
    count++;
  }
}
