package io.signaldb.common.wal;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * One write-ahead log. Thread-safe.
 *
 * <p>Appends waiting at the same time share one fdatasync.
 */
public final class Wal {
  Wal() {}

  /** Whose log it is. */
  public WalName name() {
    throw new UnsupportedOperationException();
  }

  /**
   * Appends one entry and returns once it is on disk.
   *
   * @param payload parts of one payload, each from position to limit; borrowed until the return
   * @return the position of the entry
   * @throws io.signaldb.common.error.SignalDbException UNAVAILABLE if the disk refuses; the entry
   *     will not be replayed
   */
  public long append(ByteBuffer... payload) {
    throw new UnsupportedOperationException();
  }

  /**
   * Like {@link #append}, without waiting.
   *
   * @param payload parts of one payload; must not change until the future completes
   * @return completes with the position, in order of positions, or with the exception of {@link
   *     #append}; dependent actions run on the thread that syncs this log, so they must not block
   */
  public CompletableFuture<Long> appendAsync(ByteBuffer... payload) {
    throw new UnsupportedOperationException();
  }

  /**
   * Hands every entry above a position to a consumer, in order. A damaged entry is skipped, copied
   * to the dead-letter directory with the reason, and counted. Entries appended during the replay
   * may or may not be seen.
   *
   * @throws io.signaldb.common.error.SignalDbException UNAVAILABLE if the log cannot be read
   */
  public void replay(long afterPosition, WalConsumer consumer) {
    throw new UnsupportedOperationException();
  }

  /** Deletes the segments whose entries all have positions at or below the given one. */
  public void freeThrough(long position) {
    throw new UnsupportedOperationException();
  }

  /**
   * Makes sure that later appends get positions above the given one, for a caller that remembers a
   * higher position than this log does (its files were removed or damaged).
   */
  public void skipThrough(long position) {
    throw new UnsupportedOperationException();
  }

  /**
   * Copies an entry that cannot be processed, with the reason, into the directory {@code
   * dead-letter} of this log; on disk at return. The entry itself stays until it is freed.
   */
  public void deadLetter(WalEntry entry, String reason) {
    throw new UnsupportedOperationException();
  }

  /** Bytes of segments that hold entries not yet freed. */
  public long backlogBytes() {
    throw new UnsupportedOperationException();
  }

  /** Highest position on disk; 0 if there never was an entry. */
  public long lastPosition() {
    throw new UnsupportedOperationException();
  }
}
