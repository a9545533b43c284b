package io.signaldb.writer;

import io.signaldb.common.wal.WalRoot;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Frees log segments whose rows are in tables, after writing the ids of all stored batches to a
 * checkpoint: with the segments go the frames that held them. Thread-safe.
 */
final class LogReclaimer {
  private static final String CHECKPOINT = "batch-ids";

  private final WalRoot root;
  private final HeldTables tables;
  private final BatchIds ids;
  private final Object lock = new Object();

  LogReclaimer(WalRoot root, HeldTables tables, BatchIds ids) {
    this.root = root;
    this.tables = tables;
    this.ids = ids;
  }

  /** Makes the ids of the last checkpoint known. */
  void restoreIds() {
    root.readCheckpoint(CHECKPOINT).ifPresent(ids::restore);
  }

  /** Frees what can be freed. */
  void reclaim() {
    synchronized (lock) {
      Map<SignalLog, Long> contained = new LinkedHashMap<>();
      for (SignalLog log : tables.logs()) {
        long through = log.contained();
        if (through >= 0) {
          contained.put(log, through);
        }
      }
      if (contained.isEmpty()) {
        return;
      }
      // Taken after the positions: it has the id of every entry at or below them.
      root.writeCheckpoint(CHECKPOINT, ids.checkpoint());
      contained.forEach(SignalLog::free);
    }
  }
}
