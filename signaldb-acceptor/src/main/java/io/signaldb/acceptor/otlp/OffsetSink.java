package io.signaldb.acceptor.otlp;

import java.util.Arrays;

/** Rows of any number of elements, which stand one behind the other. */
abstract class OffsetSink extends ColumnSink {
  private int[] offsets = new int[1];

  /** Where the elements of {@code row} begin. */
  final int start(int row) {
    return offsets[row];
  }

  /** The elements up to {@code end} are those of {@code row}, the last one marked. */
  final void end(int row, int end) {
    offsets[row + 1] = end;
  }

  /** Writes node, validity and offsets; the caller appends the elements. */
  final void writeOffsets(BatchBody body, int rows) {
    writeNode(body, rows);
    body.buffer(offsets, rows + 1);
  }

  @Override
  void clear() {
    super.clear();
    offsets = offsets.length > Growth.KEPT ? new int[1] : offsets;
    offsets[0] = 0;
  }

  @Override
  void extend(int from, int to) {
    offsets = Growth.ensure(offsets, to + 1);
  }

  @Override
  void pass(int from, int to) {
    Arrays.fill(offsets, from + 1, to + 1, offsets[from]);
  }
}
