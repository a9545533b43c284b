package io.signaldb.writer;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** A set of numbers kept as ranges, so that numbers without gaps cost nothing. Not thread-safe. */
final class SequenceRanges {
  private static final int MAX_RANGES = 100_000;

  /** First number of each range to its last; ranges neither touch nor overlap. */
  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  boolean contains(long sequence) {
    Map.Entry<Long, Long> below = ranges.floorEntry(sequence);
    return below != null && below.getValue() >= sequence;
  }

  /** Adds a number; with too many ranges, the lowest is forgotten. */
  void add(long sequence) {
    if (contains(sequence)) {
      return;
    }
    long first = sequence;
    long last = sequence;
    Map.Entry<Long, Long> below = ranges.floorEntry(sequence);
    if (below != null && below.getValue() == sequence - 1) {
      first = below.getKey();
    }
    Long above = ranges.remove(sequence + 1);
    if (above != null) {
      last = above;
    }
    ranges.put(first, last);
    if (ranges.size() > MAX_RANGES) {
      ranges.pollFirstEntry();
    }
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(ranges.size());
    for (Map.Entry<Long, Long> range : ranges.entrySet()) {
      out.writeLong(range.getKey());
      out.writeLong(range.getValue());
    }
  }

  static SequenceRanges read(DataInputStream in) throws IOException {
    SequenceRanges read = new SequenceRanges();
    for (int count = in.readInt(); count > 0; count--) {
      read.ranges.put(in.readLong(), in.readLong());
    }
    return read;
  }
}
