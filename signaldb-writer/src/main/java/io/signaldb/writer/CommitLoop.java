package io.signaldb.writer;

import io.signaldb.common.config.WriterConfig;
import io.signaldb.common.lifecycle.Component;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when tables are committed: at once when enough bytes wait, at the next tick when a row
 * has waited long enough, at close what is left. Between, it frees log segments and expires
 * snapshots. Thread-safe.
 */
final class CommitLoop implements Component {
  private static final Logger LOG = LoggerFactory.getLogger(CommitLoop.class);
  private static final Duration EXPIRY_INTERVAL = Duration.ofMinutes(1);

  private final HeldTables tables;
  private final Function<TableRows, TableCommitter> newCommitter;
  private final LogReclaimer reclaimer;
  private final WriterConfig config;
  private final WriterMeters meters;
  private final Clock clock;
  private final Map<TableRows, TableCommitter> committers = new ConcurrentHashMap<>();
  private final Set<TableRows> queued = ConcurrentHashMap.newKeySet();
  private volatile @Nullable ExecutorService workers;
  private volatile @Nullable ScheduledExecutorService ticks;

  CommitLoop(
      HeldTables tables,
      Function<TableRows, TableCommitter> newCommitter,
      LogReclaimer reclaimer,
      WriterConfig config,
      WriterMeters meters,
      Clock clock) {
    this.tables = tables;
    this.newCommitter = newCommitter;
    this.reclaimer = reclaimer;
    this.config = config;
    this.meters = meters;
    this.clock = clock;
  }

  /** Starts one thread for the ticks and as many as commits may run at once. */
  @Override
  public void start() {
    int commitsAtOnce = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    AtomicInteger number = new AtomicInteger();
    workers =
        Executors.newFixedThreadPool(
            commitsAtOnce,
            task -> new Thread(task, "signaldb-writer-commit-" + number.incrementAndGet()));
    ScheduledExecutorService started =
        Executors.newSingleThreadScheduledExecutor(
            task -> new Thread(task, "signaldb-writer-tick"));
    schedule(started, config.commitInterval(), "tick", this::tick);
    schedule(started, EXPIRY_INTERVAL, "snapshot expiry", this::expireSnapshots);
    ticks = started;
  }

  /** Tells that rows of a table became visible. Does not block. */
  void published(TableRows rows) {
    if (rows.waitingBytes() >= config.commitBytes() && !committer(rows).failing()) {
      enqueue(rows);
    }
  }

  /**
   * Commits the rows that are visible now.
   *
   * @throws RuntimeException if a table could not be committed; the others are
   */
  void flush() {
    RuntimeException failure = null;
    for (TableRows rows : tables.all()) {
      try {
        commitThrough(rows, rows.published());
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    reclaimer.reclaim();
    if (failure != null) {
      throw failure;
    }
  }

  /** How long the oldest uncommitted row has been waiting; zero if none is. */
  Duration oldestAge() {
    Instant now = clock.instant();
    return tables.all().stream()
        .flatMap(rows -> rows.waitingSince(now).stream())
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /** Commits what is left; rows that cannot be committed stay in the log. */
  @Override
  public void close() {
    ScheduledExecutorService startedTicks = ticks;
    ExecutorService startedWorkers = workers;
    ticks = null;
    workers = null;
    if (startedTicks == null || startedWorkers == null) {
      return;
    }
    startedTicks.shutdown();
    startedWorkers.shutdown();
    guarded("the last flush", this::flush).run();
    try {
      if (!startedWorkers.awaitTermination(1, TimeUnit.MINUTES)
          || !startedTicks.awaitTermination(1, TimeUnit.MINUTES)) {
        LOG.warn("A commit is still running; its rows stay in the log");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tick() {
    reclaimer.reclaim();
    for (TableRows rows : tables.all()) {
      boolean old =
          rows.waitingSince(clock.instant())
              .filter(age -> age.compareTo(config.commitMaxAge()) >= 0)
              .isPresent();
      if (old || rows.waitingBytes() >= config.commitBytes()) {
        enqueue(rows);
      }
    }
  }

  private void expireSnapshots() {
    for (TableCommitter committer : committers.values()) {
      guarded("snapshot expiry", committer::expireSnapshots).run();
    }
  }

  private void enqueue(TableRows rows) {
    ExecutorService started = workers;
    if (started == null || !queued.add(rows)) {
      return;
    }
    try {
      started.execute(
          guarded(
              "commit",
              () -> {
                queued.remove(rows);
                timed(committer(rows));
                published(rows);
              }));
    } catch (RejectedExecutionException e) {
      // Closing: the last flush takes the rows.
      queued.remove(rows);
    }
  }

  private void commitThrough(TableRows rows, long position) {
    TableCommitter committer = committer(rows);
    boolean more = true;
    while (more && rows.committed() < position) {
      more = timed(committer);
    }
  }

  private boolean timed(TableCommitter committer) {
    long start = System.nanoTime();
    try {
      return committer.commit();
    } catch (RuntimeException e) {
      meters.commitFailed();
      throw e;
    } finally {
      meters.commitTook(Duration.ofNanos(System.nanoTime() - start));
    }
  }

  private TableCommitter committer(TableRows rows) {
    return committers.computeIfAbsent(rows, newCommitter);
  }

  private static void schedule(
      ScheduledExecutorService executor, Duration interval, String what, Runnable task) {
    ScheduledFuture<?> unused =
        executor.scheduleWithFixedDelay(
            guarded(what, task), interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Runnable guarded(String what, Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.error("Writer: {} failed", what, e);
      }
    };
  }
}
