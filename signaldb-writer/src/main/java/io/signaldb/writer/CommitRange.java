package io.signaldb.writer;

import java.util.List;

/**
 * Rows of one table that go into one commit.
 *
 * @param after position of the last row that is committed already
 * @param positions of the batches, rising; not empty
 * @param rows number of rows
 * @param bytes native memory of the rows
 */
record CommitRange(long after, List<Long> positions, long rows, long bytes) {
  /** The position the table contains once the range is committed. */
  long through() {
    return positions.get(positions.size() - 1);
  }
}
