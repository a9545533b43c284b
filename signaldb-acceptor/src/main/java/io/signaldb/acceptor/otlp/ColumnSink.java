package io.signaldb.acceptor.otlp;

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

  /** The column as a field of the schema message. */
  abstract Field field(String name, boolean nullable);

  /** Appends nodes and buffers of the first {@code rows} rows. */
  abstract void write(BatchBody body, int rows);

  /** Forgets all rows. */
  void clear() {
    if (validity.length > Growth.KEPT) {
      validity = NO_BITS;
    }
    size = 0;
    present = 0;
  }

  /** Makes room for rows up to {@code row} and zeroes those from {@code from} on. */
  abstract void extend(int from, int row);

  /** Marks {@code row} as having a value. */
  final void mark(int row) {
    pad(row + 1);
    validity[row >> 3] |= (byte) (1 << (row & 7));
    present++;
  }

  /** Writes node and validity; the caller appends the buffers of its type. */
  final void writeNode(BatchBody body, int rows) {
    pad(rows);
    body.node(rows, rows - present, validity);
  }

  private void pad(int rows) {
    if (rows <= size) {
      return;
    }
    int used = (size + 7) >> 3;
    int needed = (rows + 7) >> 3;
    validity = Growth.ensure(validity, needed);
    for (int i = used; i < needed; i++) {
      validity[i] = 0;
    }
    extend(size, rows);
    size = rows;
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
