package io.signaldb.acceptor.otlp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is known of byte strings, found without making objects. Not thread-safe.
 *
 * @param <E> what is known
 */
final class BytesTable<E extends BytesTable.Entry> {
  /** Something with a byte string. */
  abstract static class Entry {
    private final byte[] bytes;
    private final int hash;

    /** Copies the byte string. */
    Entry(byte[] source, int offset, int length) {
      bytes = Arrays.copyOfRange(source, offset, offset + length);
      hash = TextHash.of(bytes, 0, length);
    }

    /** Not to be changed. */
    final byte[] bytes() {
      return bytes;
    }
  }

  private @Nullable Entry[] slots = new Entry[64];
  private int size;
  private long totalBytes;

  int size() {
    return size;
  }

  /** Bytes of all byte strings. */
  long totalBytes() {
    return totalBytes;
  }

  @SuppressWarnings("unchecked") // only add puts entries in
  @Nullable E find(byte[] source, int offset, int length) {
    int hash = TextHash.of(source, offset, length);
    int mask = slots.length - 1;
    for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
      Entry entry = slots[slot];
      if (entry == null) {
        return null;
      }
      if (entry.hash == hash
          && Arrays.equals(entry.bytes, 0, entry.bytes.length, source, offset, offset + length)) {
        return (E) entry;
      }
    }
  }

  /** Adds an entry whose byte string is not there. */
  void add(E entry) {
    if (2 * (size + 1) > slots.length) {
      @Nullable Entry[] before = slots;
      slots = new Entry[2 * before.length];
      for (Entry moved : before) {
        if (moved != null) {
          put(moved);
        }
      }
    }
    put(entry);
    size++;
    totalBytes += entry.bytes().length;
  }

  void clear() {
    slots = new Entry[64];
    size = 0;
    totalBytes = 0;
  }

  private void put(Entry entry) {
    int mask = slots.length - 1;
    int slot = entry.hash & mask;
    while (slots[slot] != null) {
      slot = (slot + 1) & mask;
    }
    slots[slot] = entry;
  }
}
