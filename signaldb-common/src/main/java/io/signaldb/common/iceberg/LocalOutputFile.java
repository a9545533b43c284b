package io.signaldb.common.iceberg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

record LocalOutputFile(String location, Path path) implements OutputFile {
  @Override
  public PositionOutputStream create() {
    try {
      createDirectories(parent());
      return new DurableStream(
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
          path,
          path);
    } catch (FileAlreadyExistsException e) {
      throw new AlreadyExistsException(e, "File already exists: %s", location);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot create " + location, e);
    }
  }

  /** Readers see the former file or the whole new one, which takes its place at close. */
  @Override
  public PositionOutputStream createOrOverwrite() {
    try {
      createDirectories(parent());
      Path temporary = parent().resolve("." + path.getFileName() + "." + UUID.randomUUID());
      return new DurableStream(
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
          temporary,
          path);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot create " + location, e);
    }
  }

  @Override
  public InputFile toInputFile() {
    return new LocalInputFile(location, path);
  }

  private Path parent() {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("Location names no file: " + location);
    }
    return parent;
  }

  private static void createDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      createDirectories(parent);
    }
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(directory)) {
        throw e;
      }
    }
    if (parent != null) {
      sync(parent);
    }
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static final class DurableStream extends PositionOutputStream {
    private static final int BUFFER_BYTES = 64 << 10;

    private final FileChannel channel;
    private final Path written;
    private final Path target;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private boolean closed;

    DurableStream(FileChannel channel, Path written, Path target) {
      this.channel = channel;
      this.written = written;
      this.target = target;
    }

    @Override
    public long getPos() throws IOException {
      return closed ? Files.size(target) : channel.position() + buffer.position();
    }

    @Override
    public void write(int value) throws IOException {
      if (!buffer.hasRemaining()) {
        drain();
      }
      buffer.put((byte) value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > buffer.remaining()) {
        drain();
      }
      if (length > buffer.remaining()) {
        writeFully(ByteBuffer.wrap(bytes, offset, length));
      } else {
        buffer.put(bytes, offset, length);
      }
    }

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      try (channel) {
        drain();
        channel.force(true);
      }
      if (!written.equals(target)) {
        Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
      }
      Path directory = target.toAbsolutePath().getParent();
      if (directory != null) {
        sync(directory);
      }
    }

    private void drain() throws IOException {
      buffer.flip();
      writeFully(buffer);
      buffer.clear();
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }
}
