package io.signaldb.writer;

import io.signaldb.datafusion.ParquetFileInfo;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** Parses the footer of a file that was just written, without reading the file. */
final class ParquetFooter {
  private ParquetFooter() {}

  static ParquetMetadata parse(ParquetFileInfo file) {
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    try (ParquetFileReader reader = ParquetFileReader.open(new Tail(file), options)) {
      return reader.getFooter();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot parse the footer of a file just written", e);
    }
  }

  /** A file of which only the end is there. */
  private static final class Tail implements InputFile {
    private final long length;
    private final byte[] bytes;

    Tail(ParquetFileInfo file) {
      ByteBuffer footer = file.footer();
      length = file.bytes();
      bytes = new byte[footer.remaining()];
      footer.get(bytes);
    }

    @Override
    public long getLength() {
      return length;
    }

    @Override
    public SeekableInputStream newStream() {
      return new TailStream(new ByteArrayInputStream(bytes), length - bytes.length);
    }
  }

  private static final class TailStream extends DelegatingSeekableInputStream {
    private final ByteArrayInputStream bytes;
    private final long start;
    private final int length;

    /**
     * @param start offset of the first of the bytes in the file
     */
    TailStream(ByteArrayInputStream bytes, long start) {
      super(bytes);
      this.bytes = bytes;
      this.start = start;
      length = bytes.available();
    }

    @Override
    public long getPos() {
      return start + length - bytes.available();
    }

    @Override
    public void seek(long position) throws IOException {
      if (position < start) {
        throw new EOFException(
            "Only the footer is here, from %d on, not %d".formatted(start, position));
      }
      bytes.reset();
      bytes.skipNBytes(position - start);
    }
  }
}
