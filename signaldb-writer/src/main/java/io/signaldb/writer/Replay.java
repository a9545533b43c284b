package io.signaldb.writer;

import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.wal.WalName;
import io.signaldb.common.wal.WalRoot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings back, at start, what is in the logs and not yet in tables. */
final class Replay implements Component {
  private static final Logger LOG = LoggerFactory.getLogger(Replay.class);

  private final WalRoot root;
  private final HeldTables tables;
  private final BatchIntake intake;
  private final LogReclaimer reclaimer;

  Replay(WalRoot root, HeldTables tables, BatchIntake intake, LogReclaimer reclaimer) {
    this.root = root;
    this.tables = tables;
    this.intake = intake;
    this.reclaimer = reclaimer;
  }

  /** Returns when every acknowledged row is visible or in its table. */
  @Override
  public void start() {
    reclaimer.restoreIds();
    for (WalName name : root.existing()) {
      SignalLog log = tables.log(name);
      log.wal().replay(0, entry -> intake.restore(log, entry));
      log.published(log.wal().lastPosition());
    }
    long rows = tables.all().stream().mapToLong(table -> table.memory().rows()).sum();
    if (rows > 0) {
      LOG.info("Replayed {} rows that are in no table yet", rows);
    }
  }

  @Override
  public void close() {}
}
