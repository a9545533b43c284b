package io.signaldb.common.wal;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a segment file, little-endian throughout.
 *
 * <pre>
 * header: magic "SDB-WAL\n" (8) | format version u32 | base position u64 | CRC32C of the 20 bytes before
 * frame:  payload length u32 | CRC32C u32 of length, position and payload | position u64 | payload
 * </pre>
 *
 * <p>The first frame has the base position, every further one the position before it plus one; that
 * makes it possible to find the next good frame behind a damaged one whose length cannot be
 * trusted.
 */
final class SegmentFormat {
  static final int VERSION = 1;
  static final int HEADER_BYTES = 24;
  static final int FRAME_HEADER_BYTES = 16;

  private static final byte[] MAGIC = {'S', 'D', 'B', '-', 'W', 'A', 'L', '\n'};
  private static final int CHECKED_HEADER_BYTES = HEADER_BYTES - Integer.BYTES;

  private SegmentFormat() {}

  /** What a scan found. */
  interface Visitor {
    /** A good frame; the payload is a view of the scanned buffer. */
    void entry(long position, ByteBuffer payload) throws IOException;

    /** Bytes between good frames that are no frame. */
    void damaged(int offset, int length, String problem) throws IOException;
  }

  /**
   * The end of a scan.
   *
   * @param lastPosition position of the last good frame, or base − 1
   * @param end offset behind the last good frame
   * @param problem why the bytes behind {@code end} are no frame; null if there are none
   * @param torn whether they look like an append that was cut short, rather than like a whole frame
   *     that was damaged later
   */
  record Tail(long lastPosition, int end, @Nullable String problem, boolean torn) {}

  static ByteBuffer header(long basePosition) {
    ByteBuffer header = allocate(HEADER_BYTES);
    header.put(MAGIC).putInt(VERSION).putLong(basePosition);
    return header.putInt(headerChecksum(header)).flip();
  }

  /**
   * Checks the header of a segment.
   *
   * @return what is wrong with it, or null; a damaged header does not hide the frames behind it
   * @throws SignalDbException UNAVAILABLE if a newer release wrote the segment
   */
  static @Nullable String checkHeader(Path file, ByteBuffer segment, long basePosition) {
    if (segment.limit() < HEADER_BYTES) {
      return "the header is cut short";
    }
    segment.order(ByteOrder.LITTLE_ENDIAN);
    if (segment.getInt(CHECKED_HEADER_BYTES) != headerChecksum(segment)) {
      return "the header fails its checksum";
    }
    int version = segment.getInt(MAGIC.length);
    if (version != VERSION) {
      throw new SignalDbException(
          ErrorCode.UNAVAILABLE,
          "Write-ahead log segment %s has format version %d, this release reads version %d: run the release that wrote it until the log is empty"
              .formatted(file, version, VERSION));
    }
    if (segment.getLong(MAGIC.length + Integer.BYTES) != basePosition) {
      return "the header names base position %d, the file name %d"
          .formatted(segment.getLong(MAGIC.length + Integer.BYTES), basePosition);
    }
    return null;
  }

  /** The bytes before the payload in a frame. */
  static ByteBuffer frameHeader(long position, int length, ByteBuffer[] payload) {
    ByteBuffer header = allocate(FRAME_HEADER_BYTES);
    header.putInt(0, length).putLong(8, position);
    CRC32C checksum = frameChecksum(header, 0);
    for (ByteBuffer part : payload) {
      checksum.update(part.duplicate());
    }
    return header.putInt(4, (int) checksum.getValue());
  }

  /** Reads the frames of a whole segment from its buffer, whose limit is the end of the file. */
  static Tail scan(ByteBuffer segment, long basePosition, Visitor visitor) throws IOException {
    segment.order(ByteOrder.LITTLE_ENDIAN);
    int end = HEADER_BYTES;
    long next = basePosition;
    while (end < segment.limit()) {
      if (!isFrame(segment, end, next, next)) {
        int found = findFrame(segment, end + 1, next);
        if (found < 0) {
          return new Tail(next - 1, end, problem(segment, end, next), isTorn(segment, end));
        }
        visitor.damaged(end, found - end, problem(segment, end, next));
        end = found;
        next = segment.getLong(end + 8);
      }
      int length = segment.getInt(end);
      visitor.entry(next, segment.slice(end + FRAME_HEADER_BYTES, length).asReadOnlyBuffer());
      end += FRAME_HEADER_BYTES + length;
      next++;
    }
    return new Tail(next - 1, end, null, false);
  }

  /** The next offset at which a good frame starts whose position can follow, or −1. */
  private static int findFrame(ByteBuffer segment, int from, long position) {
    int last = segment.limit() - FRAME_HEADER_BYTES;
    for (int offset = from; offset <= last; offset++) {
      long mostLost = 1L + (offset - from) / FRAME_HEADER_BYTES;
      if (isFrame(segment, offset, position, position + mostLost)) {
        return offset;
      }
    }
    return -1;
  }

  private static boolean isFrame(
      ByteBuffer segment, int offset, long minPosition, long maxPosition) {
    if (isCutShort(segment, offset)) {
      return false;
    }
    long position = segment.getLong(offset + 8);
    if (position < minPosition || position > maxPosition) {
      return false;
    }
    CRC32C checksum = frameChecksum(segment, offset);
    checksum.update(segment.slice(offset + FRAME_HEADER_BYTES, segment.getInt(offset)));
    return segment.getInt(offset + 4) == (int) checksum.getValue();
  }

  private static String problem(ByteBuffer segment, int offset, long position) {
    return isCutShort(segment, offset)
        ? "no whole frame fits into the %d bytes left".formatted(segment.limit() - offset)
        : "the frame of position %d fails its checksum".formatted(position);
  }

  private static boolean isCutShort(ByteBuffer segment, int offset) {
    int left = segment.limit() - offset - FRAME_HEADER_BYTES;
    return left < 0 || segment.getInt(offset) < 0 || segment.getInt(offset) > left;
  }

  /** A file system may also leave zeros where an append was cut short. */
  private static boolean isTorn(ByteBuffer segment, int offset) {
    return isCutShort(segment, offset)
        || segment
                .slice(offset, segment.limit() - offset)
                .mismatch(ByteBuffer.allocate(segment.limit() - offset))
            < 0;
  }

  private static int headerChecksum(ByteBuffer segment) {
    CRC32C checksum = new CRC32C();
    checksum.update(segment.slice(0, CHECKED_HEADER_BYTES));
    return (int) checksum.getValue();
  }

  private static CRC32C frameChecksum(ByteBuffer buffer, int offset) {
    CRC32C checksum = new CRC32C();
    checksum.update(buffer.slice(offset, 4));
    checksum.update(buffer.slice(offset + 8, 8));
    return checksum;
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
