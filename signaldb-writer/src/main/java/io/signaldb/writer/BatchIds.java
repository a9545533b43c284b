package io.signaldb.writer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.flight.BatchId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Which batches are stored or being stored, so that one sent again is not stored again.
 * Thread-safe.
 *
 * <p>Remembers, per Acceptor, ranges of sequence numbers. The log's frames hold the ids of recent
 * batches; {@link #checkpoint} holds those of all, and is written before frames are freed.
 */
final class BatchIds {
  /** Acceptor id of batches that come without an id; they are not remembered. */
  static final UUID ANONYMOUS = new UUID(0, 0);

  private static final int FORMAT = 1;
  private static final int MAX_ACCEPTORS = 1_000;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<BatchId, CompletableFuture<Void>> pending = new HashMap<>();

  /** Least recently heard of first. */
  @GuardedBy("lock")
  private final LinkedHashMap<UUID, SequenceRanges> stored = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Claims a batch for storing. After an empty result the caller must call {@link #stored} or
   * {@link #failed}.
   *
   * @return the outcome of the attempt that came first, if there was one and it did not fail
   */
  Optional<CompletableFuture<Void>> claim(BatchId id) {
    if (id.acceptor().equals(ANONYMOUS)) {
      return Optional.empty();
    }
    synchronized (lock) {
      SequenceRanges ranges = stored.get(id.acceptor());
      if (ranges != null && ranges.contains(id.sequence())) {
        return Optional.of(CompletableFuture.completedFuture(null));
      }
      CompletableFuture<Void> first = pending.putIfAbsent(id, new CompletableFuture<>());
      return Optional.ofNullable(first);
    }
  }

  /** Tells that the batch is on disk. */
  void stored(BatchId id) {
    if (id.acceptor().equals(ANONYMOUS)) {
      return;
    }
    CompletableFuture<Void> waiting;
    synchronized (lock) {
      stored.computeIfAbsent(id.acceptor(), key -> new SequenceRanges()).add(id.sequence());
      forgetOldest();
      waiting = pending.remove(id);
    }
    if (waiting != null) {
      waiting.complete(null);
    }
  }

  /** Tells that the batch was not stored; it may come again. */
  void failed(BatchId id, Throwable failure) {
    CompletableFuture<Void> waiting;
    synchronized (lock) {
      waiting = pending.remove(id);
    }
    if (waiting != null) {
      waiting.completeExceptionally(failure);
    }
  }

  /** Every stored id, for {@link #restore}. */
  ByteBuffer checkpoint() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      synchronized (lock) {
        out.writeInt(FORMAT);
        out.writeInt(stored.size());
        for (Map.Entry<UUID, SequenceRanges> acceptor : stored.entrySet()) {
          out.writeLong(acceptor.getKey().getMostSignificantBits());
          out.writeLong(acceptor.getKey().getLeastSignificantBits());
          acceptor.getValue().write(out);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  /**
   * Adds the ids of a checkpoint.
   *
   * @throws IllegalStateException if the bytes are no checkpoint of this class
   */
  void restore(byte[] checkpoint) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(checkpoint))) {
      int format = in.readInt();
      if (format != FORMAT) {
        throw new IllegalStateException(
            "Checkpoint of batch ids has format %d, expected %d".formatted(format, FORMAT));
      }
      synchronized (lock) {
        for (int acceptors = in.readInt(); acceptors > 0; acceptors--) {
          UUID acceptor = new UUID(in.readLong(), in.readLong());
          stored.put(acceptor, SequenceRanges.read(in));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("Checkpoint of batch ids ends too early", e);
    }
  }

  @GuardedBy("lock")
  private void forgetOldest() {
    if (stored.size() > MAX_ACCEPTORS) {
      Iterator<UUID> oldest = stored.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }
}
