package io.signaldb.writer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.auth.Caller;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.BatchHeader;
import io.signaldb.common.flight.WriteBatch;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.wal.WalEntry;
import io.signaldb.datafusion.StagedBatch;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes batches: checked, decoded, logged, made visible, and only then acknowledged. Thread-safe.
 */
final class BatchIntake implements Component {
  private static final Logger LOG = LoggerFactory.getLogger(BatchIntake.class);
  private static final String SCHEMA_VERSION = "v1";

  private final HeldTables tables;
  private final BatchIds ids;
  private final CommitLoop commits;
  private final WriterMeters meters;
  private final Clock clock;
  private final Duration drainTimeout;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private int underWay;

  @GuardedBy("lock")
  private boolean closed;

  BatchIntake(
      HeldTables tables,
      BatchIds ids,
      CommitLoop commits,
      WriterMeters meters,
      Clock clock,
      Duration drainTimeout) {
    this.tables = tables;
    this.ids = ids;
    this.commits = commits;
    this.meters = meters;
    this.clock = clock;
    this.drainTimeout = drainTimeout;
  }

  /**
   * Stores one batch. A batch whose id is stored already is not stored again.
   *
   * @param encoded the batch as it goes into the log; must not change until the future completes
   * @return completes when the rows are on disk and visible, or with a {@link SignalDbException}
   *     when they are neither; may complete on the thread that syncs the log, so dependent actions
   *     must not block
   */
  CompletableFuture<Void> submit(Caller caller, WriteBatch batch, ByteBuffer... encoded) {
    BatchHeader header = batch.header();
    try {
      check(caller, header);
      Optional<CompletableFuture<Void>> earlier = ids.claim(header.batchId());
      if (earlier.isPresent()) {
        meters.repeated();
        return earlier.get();
      }
    } catch (RuntimeException e) {
      meters.refused();
      return CompletableFuture.failedFuture(e);
    }
    try {
      return store(batch, encoded);
    } catch (RuntimeException e) {
      ids.failed(header.batchId(), e);
      meters.refused();
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Takes back an entry of a log: its rows become visible unless the table contains them, its batch
   * id known. What is no batch goes to the dead letters.
   *
   * @throws SignalDbException UNAVAILABLE if the catalog cannot be read
   */
  void restore(SignalLog log, WalEntry entry) {
    try {
      WriteBatch batch = WriteBatch.decode(entry.payload());
      TableRows rows = tables.open(batch.header());
      ids.stored(batch.header().batchId());
      if (entry.position() > rows.committed()) {
        rows.publish(entry.position(), stageMakingRoom(rows, batch.ipc()), clock.instant());
      }
    } catch (SignalDbException e) {
      if (e.code() != ErrorCode.INVALID_ARGUMENT) {
        throw e;
      }
      LOG.error("A logged entry is no batch; it is kept as a dead letter", e);
      log.deadLetter(entry, String.valueOf(e.getMessage()));
      meters.deadLettered();
    }
    log.published(entry.position());
  }

  /** Refuses what comes from now on and waits for what is under way. */
  @Override
  public void close() {
    long deadline = System.nanoTime() + drainTimeout.toNanos();
    synchronized (lock) {
      closed = true;
      boolean interrupted = false;
      while (underWay > 0 && !interrupted) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          LOG.warn("{} batches are still being logged; they will be replayed", underWay);
          return;
        }
        try {
          lock.wait(millis);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void check(Caller caller, BatchHeader header) {
    if (!header.schemaVersion().equals(SCHEMA_VERSION)) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Unknown schema version '%s': expected %s"
              .formatted(header.schemaVersion(), SCHEMA_VERSION));
    }
    caller.requireAccess(header.tenant());
  }

  private CompletableFuture<Void> store(WriteBatch batch, ByteBuffer... encoded) {
    BatchHeader header = batch.header();
    TableRows rows = tables.open(header);
    StagedBatch staged = rows.stage(batch.ipc());
    if (staged.rows() != header.rows()) {
      rows.discard(staged);
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Batch %s has %d rows, its header says %d"
              .formatted(header.batchId(), staged.rows(), header.rows()));
    }
    begin(rows, staged);
    return rows.log()
        .wal()
        .appendAsync(encoded)
        .handle((position, failure) -> finish(header, rows, staged, position, failure));
  }

  private Void finish(
      BatchHeader header,
      TableRows rows,
      StagedBatch staged,
      @Nullable Long position,
      @Nullable Throwable failure) {
    try {
      if (position == null) {
        rows.discard(staged);
        throw new CompletionException(failure);
      }
      long bytes = staged.bytes();
      rows.publish(position, staged, clock.instant());
      // Before the log counts the entry as contained: freeing it relies on the id being known.
      ids.stored(header.batchId());
      rows.log().published(position);
      meters.stored(header.rows(), bytes);
    } catch (RuntimeException e) {
      ids.failed(header.batchId(), e);
      meters.refused();
      throw e;
    } finally {
      end();
    }
    commits.published(rows);
    return null;
  }

  private StagedBatch stageMakingRoom(TableRows rows, ByteBuffer ipc) {
    try {
      return rows.stage(ipc);
    } catch (SignalDbException e) {
      if (e.code() != ErrorCode.RESOURCE_EXHAUSTED) {
        throw e;
      }
      commits.flush();
      return rows.stage(ipc);
    }
  }

  private void begin(TableRows rows, StagedBatch staged) {
    synchronized (lock) {
      if (!closed) {
        underWay++;
        return;
      }
    }
    rows.discard(staged);
    throw new SignalDbException(ErrorCode.UNAVAILABLE, "The Writer is stopping; send it again");
  }

  private void end() {
    synchronized (lock) {
      underWay--;
      lock.notifyAll();
    }
  }
}
