package io.signaldb.common.wal;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segment files of one log. Methods that change files are called by one thread at a time; the
 * others by any.
 *
 * <p>The newest segment always exists, also when everything is freed: its base keeps the next
 * position.
 */
final class SegmentLog {
  /** Keeps a segment, at most {@link #MAX_SEGMENT_BYTES} and one more frame, below 2 GiB. */
  static final int MAX_PAYLOAD_BYTES = 1 << 29;

  static final int MAX_SEGMENT_BYTES = 1 << 30;

  private static final Logger log = LoggerFactory.getLogger(SegmentLog.class);
  private static final int STAGING_BYTES = 1 << 16;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** Takes the good frames of a segment. */
  @FunctionalInterface
  private interface WalReader {
    void entry(long position, ByteBuffer payload);
  }

  /** Opens segments for writing. */
  @FunctionalInterface
  interface ChannelOpener {
    FileChannel open(Path file, OpenOption... options) throws IOException;
  }

  private final Path directory;
  private final long maxSegmentBytes;
  private final ChannelOpener opener;
  private final WalMeters meters;
  private final DeadLetters deadLetters;
  private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES);

  /** Oldest first, never empty; replaced as a whole. */
  private volatile List<Segment> segments;

  private volatile long freedThrough;
  private long nextPosition;

  /** Of the newest segment; null after a failure, until it is repaired. */
  private @Nullable FileChannel channel;

  /** Opens or creates the log in a directory that no one else has open. */
  SegmentLog(Path directory, long maxSegmentBytes, ChannelOpener opener, WalMeters meters)
      throws IOException {
    this.directory = directory;
    this.maxSegmentBytes = maxSegmentBytes;
    this.opener = opener;
    this.meters = meters;
    this.deadLetters = new DeadLetters(directory, meters);
    DurableFiles.createDirectories(directory);
    this.segments = load();
    if (segments.isEmpty()) {
      nextPosition = 1;
      startSegment();
    } else {
      openNewest();
    }
    freedThrough = segments.get(0).basePosition() - 1;
  }

  long lastPosition() {
    return newest().end().lastPosition();
  }

  long backlogBytes() {
    long freed = freedThrough;
    return segments.stream().mapToLong(segment -> segment.backlogBytes(freed)).sum();
  }

  /** Whether so many bytes of frames can still go into the newest segment. */
  boolean fits(long frameBytes) {
    return newest().end().offset() + frameBytes <= maxSegmentBytes;
  }

  /**
   * Writes and syncs entries.
   *
   * @return the position of the first; the others follow without gaps
   * @throws IOException if the disk refuses; the entries are taken back, their positions are not
   *     used again
   */
  long append(List<PendingEntry> entries) throws IOException {
    long frameBytes = entries.stream().mapToLong(PendingEntry::frameBytes).sum();
    Timer.Sample sample = Timer.start();
    FileChannel target = channel == null ? repair() : channel;
    if (!newest().isEmpty() && !fits(frameBytes)) {
      target = startSegment();
    }
    Segment segment = newest();
    long first = nextPosition;
    nextPosition += entries.size();
    try {
      write(target, entries, first);
      target.force(false);
    } catch (IOException | RuntimeException | Error e) {
      meters.failed();
      takeBack(e);
      throw e;
    }
    segment.moveEnd(new Segment.End((int) (segment.end().offset() + frameBytes), nextPosition - 1));
    sample.stop(meters.syncs());
    meters.appended(entries.size(), frameBytes);
    return first;
  }

  void replay(long afterPosition, WalConsumer consumer) throws IOException {
    ByteBuffer content = NOTHING;
    for (Segment segment : segments) {
      Segment.End end = segment.end();
      if (end.lastPosition() > afterPosition && !segment.isEmpty()) {
        content = segment.read(end.offset(), content);
        scan(
            segment,
            content,
            (position, payload) -> {
              if (position > afterPosition) {
                consumer.accept(new WalEntry(position, payload));
              }
            });
      }
    }
  }

  void freeThrough(long position) {
    freedThrough = Math.max(freedThrough, Math.min(position, nextPosition - 1));
    deleteFreed();
    if (!newest().isEmpty() && lastPosition() <= freedThrough) {
      try {
        startSegment();
      } catch (IOException e) {
        log.warn("Cannot start a segment in {}, so a freed one stays: {}", directory, e.toString());
      }
      deleteFreed();
    }
  }

  void skipThrough(long position) throws IOException {
    if (position >= nextPosition) {
      nextPosition = position + 1;
      startSegment();
    }
  }

  void deadLetter(WalEntry entry, String reason) throws IOException {
    deadLetters.add("%020d.payload".formatted(entry.position()), entry.payload(), reason);
  }

  void close() {
    try {
      closeChannel();
    } catch (IOException e) {
      log.warn(
          "Closing {} failed; its entries were synced before: {}", newest().file(), e.toString());
    }
  }

  private Segment newest() {
    List<Segment> now = segments;
    return now.get(now.size() - 1);
  }

  /** Small pieces are gathered, since a write costs more than a copy. */
  private void write(FileChannel target, List<PendingEntry> entries, long position)
      throws IOException {
    staging.clear();
    for (PendingEntry entry : entries) {
      stage(target, entry.header(position++));
      for (ByteBuffer part : entry.payload()) {
        if (part.isDirect() && part.remaining() >= STAGING_BYTES) {
          flushStaging(target);
          DurableFiles.writeFully(target, part.duplicate());
        } else {
          stage(target, part.duplicate());
        }
      }
    }
    flushStaging(target);
  }

  private void stage(FileChannel target, ByteBuffer bytes) throws IOException {
    int limit = bytes.limit();
    while (bytes.position() < limit) {
      bytes.limit(Math.min(limit, bytes.position() + staging.remaining()));
      staging.put(bytes);
      if (!staging.hasRemaining()) {
        flushStaging(target);
      }
    }
  }

  private void flushStaging(FileChannel target) throws IOException {
    DurableFiles.writeFully(target, staging.flip());
    staging.clear();
  }

  /** Tries at once, so that a crash finds no trace of entries that were refused. */
  private void takeBack(Throwable failure) {
    try {
      closeChannel();
      repair();
    } catch (IOException e) {
      failure.addSuppressed(e);
      log.warn("{} is not writable, the next append tries again: {}", directory, e.toString());
    }
  }

  /**
   * Cuts the newest segment behind its last synced entry and starts another: after a failed sync
   * nothing may be appended to the same file.
   */
  private FileChannel repair() throws IOException {
    Segment segment = newest();
    try (FileChannel file = opener.open(segment.file(), WRITE)) {
      file.truncate(segment.end().offset());
      file.force(true);
    }
    return startSegment();
  }

  /** The new segment is on disk, name included, before the old one is left. */
  private FileChannel startSegment() throws IOException {
    Segment segment = Segment.empty(directory, nextPosition);
    Path temporary = DurableFiles.temporary(segment.file());
    FileChannel created = opener.open(temporary, CREATE, TRUNCATE_EXISTING, WRITE);
    try {
      DurableFiles.writeFully(created, SegmentFormat.header(nextPosition));
      created.force(true);
      DurableFiles.rename(temporary, segment.file());
      closeChannel();
    } catch (IOException | RuntimeException e) {
      created.close();
      closeChannel(); // the next append repairs: the new name may be on disk, the old may not grow
      throw e;
    }
    List<Segment> more = new ArrayList<>(segments);
    more.add(segment);
    segments = List.copyOf(more);
    channel = created;
    return created;
  }

  private void closeChannel() throws IOException {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }

  private void deleteFreed() {
    List<Segment> left = new ArrayList<>(segments);
    while (left.size() > 1 && left.get(1).basePosition() - 1 <= freedThrough) {
      try {
        Files.deleteIfExists(left.get(0).file());
      } catch (IOException e) {
        log.warn("Cannot delete the freed segment {}: {}", left.get(0).file(), e.toString());
        break;
      }
      left.remove(0);
    }
    segments = List.copyOf(left);
  }

  /** The segments in the directory; all but the newest end where the next begins. */
  private List<Segment> load() throws IOException {
    List<Segment> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (file.toString().endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
          Files.delete(file);
        } else {
          Segment.named(file).ifPresent(found::add);
        }
      }
    }
    found.sort(Comparator.comparingLong(Segment::basePosition));
    for (int i = 0; i < found.size(); i++) {
      Segment segment = found.get(i);
      String problem = segment.checkHeader();
      if (problem != null) {
        log.warn("Reading {} although {}", segment.file(), problem);
      }
      if (i + 1 < found.size()) {
        segment.moveEnd(new Segment.End(segment.fileBytes(), found.get(i + 1).basePosition() - 1));
      }
    }
    return List.copyOf(found);
  }

  /**
   * Finds the end of the newest segment. Damage at the end is cut off and the log goes on in a new
   * segment, far enough above that no position is used twice whatever the lost bytes held.
   */
  private void openNewest() throws IOException {
    Segment segment = newest();
    int bytes = segment.fileBytes();
    SegmentFormat.Tail tail =
        scan(segment, segment.read(bytes, NOTHING), (position, payload) -> {});
    segment.moveEnd(new Segment.End(tail.end(), tail.lastPosition()));
    nextPosition = tail.lastPosition() + 1;
    if (tail.end() == bytes) {
      channel = opener.open(segment.file(), WRITE).position(bytes);
      channel.force(true);
    } else {
      nextPosition += 1 + Math.max(0, bytes - tail.end()) / SegmentFormat.FRAME_HEADER_BYTES;
      repair();
    }
  }

  /** Takes what the reader takes, sets the rest aside. */
  private SegmentFormat.Tail scan(Segment segment, ByteBuffer content, WalReader reader)
      throws IOException {
    SegmentFormat.Tail tail =
        SegmentFormat.scan(
            content,
            segment.basePosition(),
            new SegmentFormat.Visitor() {
              @Override
              public void entry(long position, ByteBuffer payload) {
                reader.entry(position, payload);
              }

              @Override
              public void damaged(int offset, int length, String problem) throws IOException {
                setAside(segment, content.slice(offset, length), offset, problem);
              }
            });
    if (tail.torn()) {
      log.warn(
          "{} ends with an append cut short at byte {}: {}",
          segment.file(),
          tail.end(),
          tail.problem());
    } else if (tail.problem() != null) {
      setAside(
          segment,
          content.slice(tail.end(), content.limit() - tail.end()),
          tail.end(),
          tail.problem());
    }
    return tail;
  }

  private void setAside(Segment segment, ByteBuffer bytes, int offset, String problem)
      throws IOException {
    deadLetters.add(
        "%020d-%d.damaged".formatted(segment.basePosition(), offset),
        bytes,
        "%s, byte %d: %s".formatted(segment.file(), offset, problem));
  }
}
