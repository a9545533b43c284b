package io.signaldb.acceptor.otlp;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * UTF-8 text. Where the same texts come again they are kept once, and the column is written as a
 * dictionary; where most are new it stops looking and writes them as they came.
 */
final class TextSink extends ColumnSink {
  private static final int[] NONE = {};

  /** How many values a column shows before it is judged; judged again at each doubling. */
  private static final int FIRST_CHECK = 64;

  private final boolean mayBeDictionary;
  private byte[] texts = new byte[0];

  /** Where each distinct text ends in {@link #texts}. */
  private int[] ends = NONE;

  private int distinct;

  /** For each row the number of its text. */
  private int[] codes = NONE;

  /** Open addressing: the number of a text plus 1, 0 for a free slot; size a power of two. */
  private int[] slots = NONE;

  private int[] hashes = NONE;
  private boolean looking;
  private int nextCheck;
  private @Nullable DictionaryEncoding dictionary;

  private TextSink(boolean mayBeDictionary) {
    this.mayBeDictionary = mayBeDictionary;
    clear();
  }

  /** A column that may be written as a dictionary. */
  static TextSink adaptive() {
    return new TextSink(true);
  }

  /** A column that is written as plain text, as inside structs, lists and maps. */
  static TextSink plain() {
    return new TextSink(false);
  }

  void put(int row, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    put(row, utf8, 0, utf8.length);
  }

  void put(int row, byte[] utf8, int offset, int length) {
    mark(row);
    codes[row] = looking ? find(utf8, offset, length) : append(utf8, offset, length);
  }

  /**
   * Decides the physical form; to be called once all rows are there, before {@link #field}.
   *
   * @param id number of the dictionary, if it becomes one
   * @return whether the column is a dictionary, whose texts {@link #writeDictionary} writes
   */
  boolean seal(long id) {
    if (looking && 2L * distinct <= present()) {
      int bits = distinct <= 1 << 7 ? 8 : distinct <= 1 << 15 ? 16 : 32;
      dictionary = new DictionaryEncoding(id, false, new ArrowType.Int(bits, true));
    }
    return dictionary != null;
  }

  @Override
  @Nullable DictionaryEncoding dictionary() {
    return dictionary;
  }

  @Override
  Field field(String name, boolean nullable) {
    return dictionaryField(name, nullable, ArrowType.Utf8.INSTANCE, dictionary);
  }

  /** Appends the distinct texts as a column of their own. */
  void writeDictionary(BatchBody body) {
    body.node(distinct, 0, texts);
    int[] offsets = new int[distinct + 1];
    System.arraycopy(ends, 0, offsets, 1, distinct);
    body.buffer(offsets, distinct + 1);
    body.buffer(texts, end());
  }

  int distinct() {
    return distinct;
  }

  @Override
  void write(BatchBody body, int rows) {
    writeNode(body, rows);
    if (dictionary != null) {
      body.buffer(codes, rows, dictionary.getIndexType().getBitWidth() / Byte.SIZE);
      return;
    }
    int[] offsets = new int[rows + 1];
    int total = 0;
    for (int row = 0; row < rows; row++) {
      total = Growth.add(total, codes[row] < 0 ? 0 : length(codes[row]));
      offsets[row + 1] = total;
    }
    body.buffer(offsets, rows + 1);
    int start = body.begin(total);
    for (int row = 0; row < rows; row++) {
      if (codes[row] >= 0) {
        System.arraycopy(
            texts, start(codes[row]), body.bytes(), start + offsets[row], length(codes[row]));
      }
    }
  }

  @Override
  void clear() {
    super.clear();
    if (texts.length > Growth.KEPT_BYTES) {
      texts = new byte[0];
    }
    if (ends.length > Growth.KEPT || codes.length > Growth.KEPT || slots.length > Growth.KEPT) {
      ends = NONE;
      codes = NONE;
      slots = NONE;
      hashes = NONE;
    }
    if (distinct > 0 && mayBeDictionary) {
      Arrays.fill(slots, 0);
    }
    distinct = 0;
    looking = mayBeDictionary;
    nextCheck = FIRST_CHECK;
    dictionary = null;
  }

  @Override
  void extend(int from, int to) {
    codes = Growth.ensure(codes, to);
    Arrays.fill(codes, from, to, -1);
  }

  private int find(byte[] utf8, int offset, int length) {
    if (present() >= nextCheck) {
      nextCheck *= 2;
      if (2 * distinct > present()) {
        looking = false;
        return append(utf8, offset, length);
      }
    }
    if (2 * (distinct + 1) > slots.length) {
      grow();
    }
    int hash = TextHash.of(utf8, offset, length);
    int mask = slots.length - 1;
    for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
      int code = slots[slot] - 1;
      if (code < 0) {
        slots[slot] = distinct + 1;
        hashes[distinct] = hash;
        return append(utf8, offset, length);
      }
      if (hashes[code] == hash
          && Arrays.equals(texts, start(code), ends[code], utf8, offset, offset + length)) {
        return code;
      }
    }
  }

  private int append(byte[] utf8, int offset, int length) {
    int end = end();
    texts = Growth.ensure(texts, Growth.add(end, length));
    System.arraycopy(utf8, offset, texts, end, length);
    ends = Growth.ensure(ends, distinct + 1);
    ends[distinct] = end + length;
    return distinct++;
  }

  private void grow() {
    slots = new int[Math.max(64, 2 * slots.length)];
    hashes = Arrays.copyOf(hashes, slots.length / 2);
    int mask = slots.length - 1;
    for (int code = 0; code < distinct; code++) {
      int slot = hashes[code] & mask;
      while (slots[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = code + 1;
    }
  }

  private int start(int code) {
    return code == 0 ? 0 : ends[code - 1];
  }

  private int length(int code) {
    return ends[code] - start(code);
  }

  private int end() {
    return distinct == 0 ? 0 : ends[distinct - 1];
  }
}
