package io.signaldb.acceptor.otlp;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;

/**
 * The values of one column of one batch, kept on the heap until the batch is written. Rows are put
 * in rising order, each at most once; a row that is passed over is null. Not thread-safe; reused
 * from batch to batch.
 */
abstract class ColumnSink {
  private static final byte[] NO_BITS = {};

  private byte[] validity = NO_BITS;

  /** Rows there is zeroed room for. */
  private int room;

  private int size;
  private int present;

  /** Whether any row has a value. */
  final boolean hasValues() {
    return present > 0;
  }

  final int present() {
    return present;
  }

  /** Rows so far, those passed over included. */
  final int size() {
    return size;
  }

  /** Values so far, nulls and those of inner columns included. */
  long cells() {
    return size;
  }

  /** How the column is encoded, or null if it is plain. */
  @Nullable DictionaryEncoding dictionary() {
    return null;
  }

  /**
   * The column as a field of the schema message; what it is depends on {@link #dictionary} only.
   */
  abstract Field field(String name, boolean nullable);

  /** Appends nodes and buffers of the first {@code rows} rows. */
  abstract void write(BatchBody body, int rows);

  /** Forgets all rows. */
  void clear() {
    if (validity.length > Growth.KEPT) {
      validity = NO_BITS;
    }
    room = 0;
    size = 0;
    present = 0;
  }

  /** Makes room for {@code to} rows and makes those from {@code from} on null. */
  abstract void extend(int from, int to);

  /** Told that the rows from {@code from} up to {@code to} have no value. */
  void pass(int from, int to) {}

  /** Marks {@code row} as having a value. */
  final void mark(int row) {
    if (row >= room) {
      makeRoom(row + 1);
    }
    if (row > size) {
      pass(size, row);
    }
    size = row + 1;
    validity[row >> 3] |= (byte) (1 << (row & 7));
    present++;
  }

  /** Writes node and validity; the caller appends the buffers of its type. */
  final void writeNode(BatchBody body, int rows) {
    if (rows > room) {
      makeRoom(rows);
    }
    if (rows > size) {
      pass(size, rows);
      size = rows;
    }
    body.node(rows, rows - present, validity);
  }

  private void makeRoom(int rows) {
    int more = Math.max(rows, room + Math.min(room, Growth.KEPT));
    int used = (room + 7) >> 3;
    int needed = (more + 7) >> 3;
    validity = Growth.ensure(validity, needed);
    Arrays.fill(validity, used, needed, (byte) 0);
    extend(room, more);
    room = more;
  }

  static Field field(String name, boolean nullable, ArrowType type, List<Field> children) {
    return new Field(name, new FieldType(nullable, type, null), children);
  }

  static Field dictionaryField(
      String name,
      boolean nullable,
      ArrowType type,
      @Nullable DictionaryEncoding dictionary,
      Field... children) {
    return new Field(name, new FieldType(nullable, type, dictionary), List.of(children));
  }
}
