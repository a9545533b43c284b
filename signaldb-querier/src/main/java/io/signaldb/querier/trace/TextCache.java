package io.signaldb.querier.trace;

import io.signaldb.querier.read.Texts;
import io.signaldb.querier.traceql.Value;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.VarCharVector;
import org.jspecify.annotations.Nullable;

/**
 * Makes values of the texts in vectors: of a text that comes again, as most do, the same object. It
 * forgets texts when others need their place. Used by one thread.
 */
final class TextCache {
  private static final int SLOTS = 1 << 12;
  private static final int MAX_BYTES = 64;

  private final @Nullable Entry[] entries = new Entry[SLOTS];

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Entry(byte[] bytes, Value.Text value) {
    boolean holds(ArrowBuf buffer, long start, int length) {
      if (bytes.length != length) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        if (buffer.getByte(start + i) != bytes[i]) {
          return false;
        }
      }
      return true;
    }
  }

  /** The value of a row that has one. */
  Value.Text at(VarCharVector vector, int row) {
    ArrowBuf buffer = vector.getDataBuffer();
    long start = vector.getStartOffset(row);
    int length = (int) (vector.getEndOffset(row) - start);
    if (length > MAX_BYTES) {
      return new Value.Text(Texts.at(vector, row));
    }
    int slot = slot(buffer, start, length);
    Entry known = entries[slot];
    if (known == null || !known.holds(buffer, start, length)) {
      known = new Entry(vector.get(row), new Value.Text(Texts.at(vector, row)));
      entries[slot] = known;
    }
    return known.value;
  }

  private static int slot(ArrowBuf buffer, long start, int length) {
    long hash = length;
    int at = 0;
    for (; at + Long.BYTES <= length; at += Long.BYTES) {
      hash = mixed(hash, buffer.getLong(start + at));
    }
    for (; at < length; at++) {
      hash = mixed(hash, buffer.getByte(start + at));
    }
    return (int) (hash >>> 32) & (SLOTS - 1);
  }

  private static long mixed(long hash, long word) {
    long bits = (hash ^ word) * 0x9e3779b97f4a7c15L;
    return bits ^ (bits >>> 29);
  }
}
