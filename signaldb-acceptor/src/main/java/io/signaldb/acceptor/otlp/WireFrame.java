package io.signaldb.acceptor.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message as it lies on the wire: numbers by value, texts, bytes and inner messages by their
 * place. A field that is absent is 0 or of length 0, as for protobuf's getters; of one that is
 * there twice the last counts. Not thread-safe; reused from message to message.
 */
final class WireFrame {
  private static final int[] NONE = {};

  /** As in the parser of whole requests. */
  private static final int MAX_DEPTH = 1000;

  private final WireLayout layout;
  private final WireInput input = new WireInput();

  /** A place is its offset in the upper half and its length in the lower. */
  private final long[] slots;

  /** Offset and length of each message of a list. */
  private final int[][] places;

  private final int[] counts;

  WireFrame(WireLayout layout) {
    this.layout = layout;
    slots = new long[layout.slots()];
    places = new int[layout.lists()][];
    Arrays.fill(places, NONE);
    counts = new int[layout.lists()];
  }

  /**
   * Reads a message; {@code bytes} must not change until the next.
   *
   * @throws NotPlain if it is malformed or unusual
   */
  void read(byte[] bytes, int offset, int length) {
    Arrays.fill(slots, 0);
    Arrays.fill(counts, 0);
    input.reset(bytes, offset, offset + length);
    read(layout);
  }

  byte[] bytes() {
    return input.bytes();
  }

  long value(int slot) {
    return slots[slot];
  }

  int offset(int slot) {
    return (int) (slots[slot] >>> 32);
  }

  int length(int slot) {
    return (int) slots[slot];
  }

  /** Messages in a list. */
  int count(int list) {
    return counts[list];
  }

  int offset(int list, int message) {
    return places[list][2 * message];
  }

  int length(int list, int message) {
    return places[list][2 * message + 1];
  }

  /**
   * The messages of a list as objects.
   *
   * @throws NotPlain if one is malformed
   */
  <M> List<M> parse(int list, Parser<M> parser) {
    List<M> parsed = new ArrayList<>(counts[list]);
    for (int i = 0; i < counts[list]; i++) {
      parsed.add(parse(parser, bytes(), offset(list, i), length(list, i)));
    }
    return parsed;
  }

  private void read(WireLayout message) {
    while (input.hasMore()) {
      int tag = input.tag();
      WireLayout.Step step = message.step(tag);
      if (step.presence() >= 0) {
        mark(step);
      }
      switch (step.action()) {
        case VARINT -> slots[step.index()] = input.varint();
        case SIGNED_VARINT -> slots[step.index()] = zigzag(input.varint());
        case FIXED64 -> slots[step.index()] = input.fixed64();
        case FIXED32 -> slots[step.index()] = input.fixed32();
        case BYTES -> place(step.index());
        case TEXT -> {
          place(step.index());
          WireInput.requireUtf8(input.bytes(), offset(step.index()), length(step.index()));
        }
        case PACKED -> {
          if (length(step.index()) > 0) {
            throw new NotPlain(); // the two would be joined
          }
          place(step.index());
        }
        case TEXTS -> {
          int length = input.length();
          int offset = input.take(length);
          WireInput.requireUtf8(input.bytes(), offset, length);
          add(step.index(), offset, length);
        }
        case LIST -> {
          int length = input.length();
          add(step.index(), input.take(length), length);
        }
        case ENTER -> enter(step.inner());
        case CHECK -> check(step.parser());
        case SKIP -> input.skip(tag);
        case GIVE_UP -> throw new NotPlain();
      }
    }
  }

  /** Of a oneof the last field counts; a message that comes again would be merged. */
  private void mark(WireLayout.Step step) {
    long found = slots[step.presence()];
    if (found != 0
        && (step.action() == WireLayout.Action.BYTES
            || (step.action() == WireLayout.Action.ENTER && found != step.number()))) {
      throw new NotPlain();
    }
    slots[step.presence()] = step.number();
  }

  private static long zigzag(long value) {
    return value >>> 1 ^ -(value & 1);
  }

  private void place(int slot) {
    int length = input.length();
    slots[slot] = (long) input.take(length) << 32 | length;
  }

  private void add(int list, int offset, int length) {
    int at = 2 * counts[list]++;
    if (at == places[list].length) {
      places[list] = Arrays.copyOf(places[list], Math.max(32, 2 * at));
    }
    places[list][at] = offset;
    places[list][at + 1] = length;
  }

  private void enter(@Nullable WireLayout inner) {
    if (inner == null) {
      throw new IllegalStateException("a message to enter has no layout");
    }
    int outer = input.enter(input.length());
    read(inner);
    input.leave(outer);
  }

  private void check(@Nullable Parser<?> parser) {
    if (parser == null) {
      throw new IllegalStateException("a message to check has no parser");
    }
    int length = input.length();
    Object unused = parse(parser, input.bytes(), input.take(length), length);
  }

  /** Parses a message that is not worth reading from the wire. */
  static <M> M parse(Parser<M> parser, byte[] bytes, int offset, int length) {
    try {
      CodedInputStream message = CodedInputStream.newInstance(bytes, offset, length);
      message.setRecursionLimit(MAX_DEPTH);
      M parsed = parser.parseFrom(message);
      message.checkLastTagWas(0);
      return parsed;
    } catch (InvalidProtocolBufferException e) {
      throw new NotPlain();
    }
  }
}
