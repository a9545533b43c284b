package io.signaldb.writer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.tenant.TenantContext;
import io.signaldb.datafusion.DataFusionException;
import io.signaldb.datafusion.DataFusionRuntime;
import io.signaldb.datafusion.MemoryTable;
import io.signaldb.datafusion.StagedBatch;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one table that are logged and not yet in its files: visible to queries, waiting for a
 * commit. Thread-safe.
 */
final class TableRows implements AutoCloseable {
  private final TenantContext tenant;
  private final TableSchema schema;
  private final SignalLog log;
  private final RowBudget budget;
  private final MemoryTable memory;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Deque<Batch> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Set<Long> deadLettered = new TreeSet<>();

  @GuardedBy("lock")
  private long waitingBytes;

  @GuardedBy("lock")
  private long published;

  @GuardedBy("lock")
  private long committed;

  @GuardedBy("lock")
  private @Nullable RuntimeException lost;

  private record Batch(long position, long rows, long bytes, Instant since) {}

  /**
   * @param committed the position the table's files contain already
   */
  TableRows(
      TenantContext tenant,
      TableSchema schema,
      SignalLog log,
      DataFusionRuntime runtime,
      RowBudget budget,
      long committed) {
    this.tenant = tenant;
    this.schema = schema;
    this.log = log;
    this.budget = budget;
    this.committed = committed;
    published = committed;
    memory =
        MemoryTable.create(
            runtime, schema.wireArrow(), schema.storageExpressions(), schema.sortBy().get(0));
  }

  TenantContext tenant() {
    return tenant;
  }

  TableSchema schema() {
    return schema;
  }

  SignalLog log() {
    return log;
  }

  /**
   * What queries and commits read, with storage columns: its rows above {@link #committed} and up
   * to {@link #published}.
   */
  MemoryTable memory() {
    return memory;
  }

  /**
   * Decodes and checks a batch and takes its memory from the budget; nothing is visible yet.
   *
   * @throws SignalDbException INVALID_ARGUMENT for a malformed batch or other columns than the
   *     table's, RESOURCE_EXHAUSTED if there is no room
   */
  StagedBatch stage(ByteBuffer ipc) {
    checkUsable();
    budget.reserve(ipc.remaining());
    long reserved = ipc.remaining();
    try {
      StagedBatch staged = memory.stage(ipc);
      budget.adjust(staged.bytes() - reserved);
      return staged;
    } catch (DataFusionException e) {
      budget.adjust(-reserved);
      throw e.kind() == DataFusionException.Kind.ARGUMENT
          ? new SignalDbException(
              ErrorCode.INVALID_ARGUMENT,
              "Batch is not one Arrow record batch of table '%s': %s"
                  .formatted(schema.name(), e.getMessage()),
              e)
          : new SignalDbException(ErrorCode.INTERNAL, "Cannot decode a batch", e);
    }
  }

  /** Gives up a staged batch that was not logged. */
  void discard(StagedBatch staged) {
    budget.adjust(-staged.bytes());
    staged.close();
  }

  /** Makes a logged batch visible. Positions must rise. */
  void publish(long position, StagedBatch staged, Instant now) {
    synchronized (lock) {
      try (staged) {
        if (lost == null) {
          staged.publish(position);
        }
      } catch (RuntimeException e) {
        lost = e;
      }
      if (lost != null) {
        budget.adjust(-staged.bytes());
        throw unusable(lost);
      }
      waiting.add(new Batch(position, staged.rows(), staged.bytes(), now));
      waitingBytes += staged.bytes();
      published = position;
    }
  }

  /** Every row of this table at or below this position is visible or committed. */
  long published() {
    synchronized (lock) {
      return published;
    }
  }

  /** Highest position contained in the table's files, as far as this Writer knows. */
  long committed() {
    synchronized (lock) {
      return committed;
    }
  }

  /** Every entry of the log up to here is in the table, as far as it concerns this table. */
  long containedThrough() {
    synchronized (lock) {
      Batch oldest = waiting.peek();
      return oldest == null && lost == null
          ? Long.MAX_VALUE
          : oldest == null ? committed : oldest.position() - 1;
    }
  }

  long waitingBytes() {
    synchronized (lock) {
      return waitingBytes;
    }
  }

  /** How long the oldest uncommitted row has been waiting; empty if none is. */
  Optional<Duration> waitingSince(Instant now) {
    synchronized (lock) {
      return Optional.ofNullable(waiting.peek()).map(oldest -> Duration.between(oldest.since, now));
    }
  }

  /**
   * The rows to commit next: from the oldest on as many batches as fit, at least one; empty if no
   * row waits.
   */
  Optional<CommitRange> next(long maxBytes) {
    synchronized (lock) {
      List<Long> positions = new ArrayList<>();
      long rows = 0;
      long bytes = 0;
      for (Batch batch : waiting) {
        if (!positions.isEmpty() && bytes + batch.bytes > maxBytes) {
          break;
        }
        positions.add(batch.position);
        rows += batch.rows;
        bytes += batch.bytes;
      }
      return positions.isEmpty()
          ? Optional.empty()
          : Optional.of(new CommitRange(committed, positions, rows, bytes));
    }
  }

  /** Positions that were dead-lettered and stay out of the files. */
  List<Long> deadLettered() {
    synchronized (lock) {
      return List.copyOf(deadLettered);
    }
  }

  /**
   * Copies a batch that cannot be written to the dead letters of the log; from now on it counts as
   * contained.
   */
  void deadLetter(long position, String reason) {
    log.deadLetter(position, reason);
    synchronized (lock) {
      deadLettered.add(position);
    }
  }

  /** Lets go of rows that are in the table's files; queries that run still see them. */
  void committed(long through) {
    synchronized (lock) {
      committed = Math.max(committed, through);
      deadLettered.removeIf(position -> position <= through);
      while (!waiting.isEmpty() && waiting.element().position <= through) {
        long bytes = waiting.remove().bytes;
        waitingBytes -= bytes;
        budget.adjust(-bytes);
      }
    }
    memory.dropThrough(through);
  }

  @Override
  public void close() {
    synchronized (lock) {
      budget.adjust(-waitingBytes);
      waitingBytes = 0;
      waiting.clear();
    }
    memory.close();
  }

  private void checkUsable() {
    synchronized (lock) {
      if (lost != null) {
        throw unusable(lost);
      }
    }
  }

  private SignalDbException unusable(RuntimeException cause) {
    return new SignalDbException(
        ErrorCode.UNAVAILABLE,
        "Table '%s' of %s/%s has logged rows that cannot be shown; the Writer must be restarted"
            .formatted(schema.name(), tenant.tenantSlug(), tenant.datasetSlug()),
        cause);
  }
}
