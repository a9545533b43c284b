package io.signaldb.common.iceberg;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

record LocalInputFile(String location, Path path) implements InputFile {
  @Override
  public long getLength() {
    try {
      return Files.size(path);
    } catch (NoSuchFileException e) {
      throw new NotFoundException(e, "File does not exist: %s", location);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the size of " + location, e);
    }
  }

  @Override
  public SeekableInputStream newStream() {
    try {
      return new ChannelStream(FileChannel.open(path, StandardOpenOption.READ));
    } catch (NoSuchFileException e) {
      throw new NotFoundException(e, "File does not exist: %s", location);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot open " + location, e);
    }
  }

  @Override
  public boolean exists() {
    return Files.exists(path);
  }

  /** Unbuffered: Iceberg's readers read in blocks of their own. */
  private static final class ChannelStream extends SeekableInputStream {
    private final FileChannel channel;
    private final ByteBuffer single = ByteBuffer.allocate(1);

    ChannelStream(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public long getPos() throws IOException {
      return channel.position();
    }

    @Override
    public void seek(long position) throws IOException {
      if (position < 0 || position > channel.size()) {
        throw new EOFException(
            "Cannot seek to %d in a file of %d bytes".formatted(position, channel.size()));
      }
      channel.position(position);
    }

    @Override
    public int read() throws IOException {
      single.clear();
      return channel.read(single) < 0 ? -1 : single.get(0) & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return length == 0 ? 0 : channel.read(ByteBuffer.wrap(bytes, offset, length));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
