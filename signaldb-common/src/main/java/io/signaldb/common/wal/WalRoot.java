package io.signaldb.common.wal;

import io.micrometer.core.instrument.MeterRegistry;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.tenant.Slugs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A directory of write-ahead logs with an identity. Whoever starts it holds the directory alone
 * until {@link #close}. Thread-safe between the two.
 *
 * <p>Files directly in the directory have a dot in their names, which no tenant id has.
 */
public final class WalRoot implements Component {
  /** A sync waits for the disk, not for a processor; a few overlap well. */
  private static final int SYNC_THREADS = 4;

  private static final String IDENTITY = "wal.id";
  private static final int CHECKSUM_BYTES = Integer.BYTES;

  private final Path directory;
  private final long maxSegmentBytes;
  private final SegmentLog.ChannelOpener opener;
  private final WalMeters meters;
  private final Map<WalName, Wal> open = new ConcurrentHashMap<>();
  private @Nullable DirectoryLock directoryLock;
  private @Nullable UUID id;
  private @Nullable ExecutorService syncThreads;

  /**
   * Opens nothing yet.
   *
   * @param directory created by {@link #start} if it is missing
   * @param maxSegmentBytes size at which a log goes on in a new file, 1 KiB to 1 GiB
   * @throws SignalDbException INVALID_ARGUMENT if the size is out of bounds
   */
  public WalRoot(Path directory, long maxSegmentBytes, MeterRegistry meters) {
    this(directory, maxSegmentBytes, meters, FileChannel::open);
  }

  WalRoot(
      Path directory, long maxSegmentBytes, MeterRegistry meters, SegmentLog.ChannelOpener opener) {
    if (maxSegmentBytes < 1024 || maxSegmentBytes > SegmentLog.MAX_SEGMENT_BYTES) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "max_segment_size is %d, expected 1024 to %d bytes"
              .formatted(maxSegmentBytes, SegmentLog.MAX_SEGMENT_BYTES));
    }
    this.directory = directory.toAbsolutePath().normalize();
    this.maxSegmentBytes = maxSegmentBytes;
    this.opener = opener;
    this.meters = new WalMeters(meters, directory.getFileName().toString());
  }

  /**
   * Creates and locks the directory and reads or creates its identity.
   *
   * @throws SignalDbException UNAVAILABLE if another process has the directory, or it cannot be
   *     written
   */
  @Override
  public void start() {
    try {
      DurableFiles.createDirectories(directory);
      directoryLock = DirectoryLock.acquire(directory);
      id = loadOrCreateId();
    } catch (IOException e) {
      close();
      throw unavailable("opened", e);
    } catch (SignalDbException e) {
      close();
      throw e;
    }
    AtomicInteger number = new AtomicInteger();
    syncThreads =
        Executors.newFixedThreadPool(
            SYNC_THREADS, task -> new Thread(task, "signaldb-wal-" + number.incrementAndGet()));
    meters.backlog(() -> open.values().stream().mapToLong(Wal::backlogBytes).sum());
  }

  /** A random id created with the directory and kept with it: a restart has the same one. */
  public UUID id() {
    return started(id);
  }

  /** Names of the logs that are on disk, in no particular order; they may hold nothing. */
  public List<WalName> existing() {
    List<WalName> names = new ArrayList<>();
    try {
      for (Path tenant : subdirectories(directory)) {
        for (Path dataset : subdirectories(tenant)) {
          for (Path signal : subdirectories(dataset)) {
            names.add(
                new WalName(
                    tenant.getFileName().toString(),
                    dataset.getFileName().toString(),
                    signal.getFileName().toString()));
          }
        }
      }
    } catch (IOException e) {
      throw unavailable("listed", e);
    }
    return names;
  }

  /** See {@link #open(WalName)}. */
  public Wal open(String tenantId, String datasetId, String signal) {
    return open(new WalName(tenantId, datasetId, signal));
  }

  /**
   * The log of that name, created if it does not exist; always the same object.
   *
   * @throws SignalDbException UNAVAILABLE if it cannot be opened, or was written by a newer release
   */
  public Wal open(WalName name) {
    ExecutorService threads = started(syncThreads);
    return open.computeIfAbsent(
        name,
        missing -> {
          try {
            return new Wal(
                missing,
                new SegmentLog(missing.within(directory), maxSegmentBytes, opener, meters),
                threads);
          } catch (IOException e) {
            throw unavailable("opened for " + missing, e);
          }
        });
  }

  /**
   * The bytes last written under that name, whole, or empty if there never were any.
   *
   * @throws SignalDbException UNAVAILABLE if they cannot be read or are damaged
   */
  public Optional<byte[]> readCheckpoint(String name) {
    Path file = checkpoint(name);
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file));
      if (content.remaining() < CHECKSUM_BYTES || content.getInt() != checksum(content)) {
        throw new IOException(file + " fails its checksum; remove it to go on without it");
      }
      byte[] bytes = new byte[content.remaining()];
      content.get(bytes);
      return Optional.of(bytes);
    } catch (IOException e) {
      throw unavailable("read", e);
    }
  }

  /**
   * Replaces the checkpoint atomically and returns once it is on disk. One thread at a time may
   * write under the same name.
   *
   * @throws SignalDbException UNAVAILABLE if the disk refuses; the old bytes stay
   */
  public void writeCheckpoint(String name, ByteBuffer bytes) {
    ByteBuffer checksum = ByteBuffer.allocate(CHECKSUM_BYTES).putInt(checksum(bytes)).flip();
    try {
      DurableFiles.replace(checkpoint(name), checksum, bytes);
    } catch (IOException e) {
      throw unavailable("written", e);
    }
  }

  /** Finishes what was appended, closes the logs and gives up the lock. */
  @Override
  public void close() {
    open.values().forEach(Wal::close);
    ExecutorService threads = syncThreads;
    if (threads != null) {
      threads.shutdown();
      try {
        threads.awaitTermination(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    DirectoryLock held = directoryLock;
    directoryLock = null;
    if (held != null) {
      held.close();
    }
  }

  private UUID loadOrCreateId() throws IOException {
    Path file = directory.resolve(IDENTITY);
    if (!Files.exists(file)) {
      UUID created = UUID.randomUUID();
      DurableFiles.replace(
          file, ByteBuffer.wrap((created + "\n").getBytes(StandardCharsets.US_ASCII)));
      return created;
    }
    String text = Files.readString(file).strip();
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new IOException("%s holds '%s', expected a UUID".formatted(file, text), e);
    }
  }

  private Path checkpoint(String name) {
    return directory.resolve(Slugs.require("checkpoint name", name) + ".checkpoint");
  }

  private static List<Path> subdirectories(Path parent) throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      return children
          .filter(child -> Slugs.isValid(child.getFileName().toString()))
          .filter(Files::isDirectory)
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.duplicate());
    return (int) checksum.getValue();
  }

  private SignalDbException unavailable(String what, IOException cause) {
    return new SignalDbException(
        ErrorCode.UNAVAILABLE,
        "WAL directory %s cannot be %s: %s".formatted(directory, what, cause.getMessage()),
        cause);
  }

  private <T> T started(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("WAL directory %s is not started".formatted(directory));
    }
    return value;
  }
}
