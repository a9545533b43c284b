package io.signaldb.datafusion;

import java.nio.ByteBuffer;

/**
 * A file that {@link DataFrame#writeParquet} has finished.
 *
 * @param rows rows in the file
 * @param bytes size of the file
 * @param footer the end of the file: Thrift {@code FileMetaData}, its length as little-endian int
 *     and the magic {@code PAR1}; read-only
 */
public record ParquetFileInfo(long rows, long bytes, ByteBuffer footer) {
  public ParquetFileInfo {
    footer = footer.asReadOnlyBuffer();
  }

  /** A view of the footer with a position of its own. */
  @Override
  public ByteBuffer footer() {
    return footer.duplicate();
  }
}
