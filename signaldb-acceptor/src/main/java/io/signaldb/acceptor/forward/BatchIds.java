package io.signaldb.acceptor.forward;

import io.signaldb.common.flight.BatchId;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.wal.WalRoot;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Names for batches that are never given twice, also across restarts: each start takes a range of
 * sequence numbers of its own, noted on disk before the first is used.
 */
public final class BatchIds implements Component {
  private static final String CHECKPOINT = "batch-ids";
  private static final long RANGE = 1L << 40;

  private final WalRoot root;
  private final AtomicLong next = new AtomicLong();
  private @Nullable UUID acceptor;

  /**
   * @param root gives the identity; started before this is
   */
  public BatchIds(WalRoot root) {
    this.root = root;
  }

  @Override
  public void start() {
    long first =
        root.readCheckpoint(CHECKPOINT).map(bytes -> ByteBuffer.wrap(bytes).getLong()).orElse(0L);
    root.writeCheckpoint(
        CHECKPOINT, ByteBuffer.allocate(Long.BYTES).putLong(0, Math.addExact(first, RANGE)));
    next.set(first);
    acceptor = root.id();
  }

  BatchId next() {
    UUID id = acceptor;
    if (id == null) {
      throw new IllegalStateException("batch ids are asked for before start");
    }
    return new BatchId(id, next.getAndIncrement());
  }

  @Override
  public void close() {}
}
