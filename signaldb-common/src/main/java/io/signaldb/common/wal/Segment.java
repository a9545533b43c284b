package io.signaldb.common.wal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A segment file: its name is its base position, the position of its first frame. The newest
 * segment of a log grows; the others never change.
 */
final class Segment {
  private static final Pattern NAME = Pattern.compile("(\\d{19})\\.wal");

  private final Path file;
  private final long basePosition;
  private volatile End end;

  /** Up to where a segment is good and on disk. */
  record End(int offset, long lastPosition) {}

  private Segment(Path file, long basePosition, End end) {
    this.file = file;
    this.basePosition = basePosition;
    this.end = end;
  }

  /** A segment with a header and no frame. */
  static Segment empty(Path directory, long basePosition) {
    return at(directory.resolve("%019d.wal".formatted(basePosition)), basePosition);
  }

  /** The segment in a file, as if it had no frame; empty if that is not the name of a segment. */
  static Optional<Segment> named(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    return name.matches() ? Optional.of(at(file, Long.parseLong(name.group(1)))) : Optional.empty();
  }

  private static Segment at(Path file, long basePosition) {
    return new Segment(file, basePosition, new End(SegmentFormat.HEADER_BYTES, basePosition - 1));
  }

  Path file() {
    return file;
  }

  long basePosition() {
    return basePosition;
  }

  End end() {
    return end;
  }

  void moveEnd(End newEnd) {
    end = newEnd;
  }

  boolean isEmpty() {
    return end.offset() <= SegmentFormat.HEADER_BYTES;
  }

  /** Bytes of frames, or 0 if every one of them has been freed. */
  long backlogBytes(long freedThrough) {
    End now = end;
    return now.lastPosition() <= freedThrough ? 0 : now.offset() - SegmentFormat.HEADER_BYTES;
  }

  /** Size of the file, whatever is good of it. */
  int fileBytes() throws IOException {
    return Math.toIntExact(Files.size(file));
  }

  /** See {@link SegmentFormat#checkHeader}. */
  @Nullable String checkHeader() throws IOException {
    int bytes = Math.min(SegmentFormat.HEADER_BYTES, fileBytes());
    return SegmentFormat.checkHeader(file, read(bytes, ByteBuffer.allocate(bytes)), basePosition);
  }

  /** Reads the first {@code bytes} of the file; {@code reuse} is taken when it is large enough. */
  ByteBuffer read(int bytes, ByteBuffer reuse) throws IOException {
    ByteBuffer content = reuse.capacity() >= bytes ? reuse.clear() : ByteBuffer.allocate(bytes);
    content.limit(bytes);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (content.hasRemaining()) {
        if (channel.read(content) < 0) {
          throw new EOFException(
              "%s ends at byte %d of %d".formatted(file, content.position(), bytes));
        }
      }
    }
    return content.flip();
  }
}
