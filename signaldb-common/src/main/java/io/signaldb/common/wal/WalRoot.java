package io.signaldb.common.wal;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A directory of write-ahead logs with an identity. Whoever starts it holds the directory alone
 * until {@link #close}. Thread-safe after {@link #start}.
 */
public final class WalRoot implements AutoCloseable {
  /** Opens nothing yet. */
  public WalRoot(Path directory, long maxSegmentBytes, MeterRegistry meters) {}

  /** Creates and locks the directory and reads or creates its identity. */
  public void start() {}

  /** A random id created with the directory and kept with it: a restart has the same one. */
  public UUID id() {
    throw new UnsupportedOperationException();
  }

  /** Names of the logs that are on disk, in no particular order; they may hold nothing. */
  public List<WalName> existing() {
    throw new UnsupportedOperationException();
  }

  /** The log of that name, created if it does not exist; always the same object. */
  public Wal open(String tenantId, String datasetId, String signal) {
    return open(new WalName(tenantId, datasetId, signal));
  }

  /** See {@link #open(String, String, String)}. */
  public Wal open(WalName name) {
    throw new UnsupportedOperationException();
  }

  /** The bytes last written under that name, whole, or empty if there never were any. */
  public Optional<byte[]> readCheckpoint(String name) {
    throw new UnsupportedOperationException();
  }

  /** Replaces the checkpoint atomically and returns once it is on disk. */
  public void writeCheckpoint(String name, ByteBuffer bytes) {
    throw new UnsupportedOperationException();
  }

  /** Finishes what was appended, closes the logs and gives up the lock. */
  @Override
  public void close() {}
}
