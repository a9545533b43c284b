package io.signaldb.writer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.config.WriterConfig;
import io.signaldb.common.iceberg.IcebergTables;
import io.signaldb.common.iceberg.Watermarks;
import io.signaldb.datafusion.DataFusionException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the rows of one table into its files: Parquet first, then one Iceberg transaction that adds
 * the files and raises this Writer's watermark. Thread-safe; commits of a table go one after
 * another.
 *
 * <p>A commit that failed may have happened. The watermark of the table as it is afterwards
 * decides, and until it can be read the files are kept for another attempt; no data file is ever
 * deleted.
 */
final class TableCommitter {
  private static final Logger LOG = LoggerFactory.getLogger(TableCommitter.class);

  /** After so many failures in a row the rows themselves are suspected. */
  private static final int SUSPICIOUS_FAILURES = 3;

  /** One commit takes at most so many times the bytes that trigger one; the rest takes the next. */
  private static final int COMMIT_SIZE_FACTOR = 4;

  private final TableRows rows;
  private final IcebergTables iceberg;
  private final DataFileWriter dataFiles;
  private final UUID writer;
  private final WriterMeters meters;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private @Nullable Table table;

  @GuardedBy("lock")
  private @Nullable Prepared prepared;

  @GuardedBy("lock")
  private int failures;

  /** Native memory of the rows of one commit, at most; shrinks when the engine has no room. */
  @GuardedBy("lock")
  private long maxBytes;

  private final AtomicBoolean expirable = new AtomicBoolean();
  private volatile boolean failing;

  /** Files that are written and in no snapshot, as far as is known. */
  private record Prepared(UUID table, CommitRange range, List<DataFile> files) {}

  TableCommitter(
      TableRows rows,
      IcebergTables iceberg,
      DataFileWriter dataFiles,
      UUID writer,
      WriterMeters meters,
      WriterConfig config) {
    this.rows = rows;
    this.iceberg = iceberg;
    this.dataFiles = dataFiles;
    this.writer = writer;
    this.meters = meters;
    maxBytes = COMMIT_SIZE_FACTOR * config.commitBytes();
  }

  TableRows rows() {
    return rows;
  }

  /**
   * Commits the rows that have waited longest.
   *
   * @return false if none wait
   * @throws RuntimeException if the rows are not known to be in the table; they still wait
   */
  boolean commit() {
    synchronized (lock) {
      if (rows.next(1).isEmpty()) {
        return false;
      }
      failing = true;
      Table current = refreshed();
      acknowledge(Watermarks.of(current.properties(), writer).orElse(0));
      Optional<CommitRange> range = rows.next(maxBytes);
      if (range.isEmpty()) {
        failing = false;
        return true;
      }
      Prepared next = prepared;
      if (next == null || !next.table.equals(current.uuid())) {
        next = new Prepared(current.uuid(), range.get(), write(current, range.get()));
        prepared = next;
      }
      append(current, next);
      acknowledge(next.range.through());
      meters.committed(next.range.rows(), next.files);
      expirable.set(true);
      failing = false;
      return true;
    }
  }

  /** Whether the last attempt failed. */
  boolean failing() {
    return failing;
  }

  /** Removes snapshots that no query can be reading any more, if there was a commit since. */
  void expireSnapshots() {
    if (expirable.getAndSet(false)) {
      // How old and how many are properties of the table. A table object of its own: commits go on.
      iceberg
          .find(rows.tenant().tenantSlug(), rows.tenant().datasetSlug(), rows.schema().name())
          .ifPresent(own -> own.expireSnapshots().commit());
    }
  }

  @GuardedBy("lock")
  private Table refreshed() {
    Table known = table;
    if (known != null) {
      try {
        known.refresh();
        return known;
      } catch (NoSuchTableException e) {
        LOG.warn("Table {} was dropped; it is created again", known.name());
        table = null;
      }
    }
    Table loaded = iceberg.loadOrCreate(rows.tenant(), rows.schema());
    table = loaded;
    return loaded;
  }

  /** Lets go of what the table contains. */
  @GuardedBy("lock")
  private void acknowledge(long watermark) {
    if (watermark > rows.committed()) {
      rows.committed(watermark);
      prepared = null;
    }
  }

  @GuardedBy("lock")
  private List<DataFile> write(Table current, CommitRange range) {
    try {
      List<DataFile> files = dataFiles.write(current, rows, range.after(), range.through());
      failures = 0;
      return files;
    } catch (DataFusionException e) {
      if (e.kind() == DataFusionException.Kind.RESOURCES) {
        maxBytes = Math.max(1, range.bytes() / 2);
      }
      if (blamesRows(e) && ++failures >= SUSPICIOUS_FAILURES) {
        failures = 0;
        isolate(current, range, e);
      }
      throw e;
    }
  }

  /**
   * Finds the batches that cannot be written by halving and puts them among the dead letters,
   * unless they are most of several: then it is not the batches that are at fault.
   */
  @GuardedBy("lock")
  private void isolate(Table current, CommitRange range, DataFusionException failure) {
    Map<Long, DataFusionException> bad = new TreeMap<>();
    findBad(current, range.after(), range.positions(), failure, bad);
    if (bad.size() > 1 && 2 * bad.size() > range.positions().size()) {
      LOG.error(
          "{} of {} batches of {} cannot be written; the engine is suspected, not the batches",
          bad.size(),
          range.positions().size(),
          current.name());
      return;
    }
    bad.forEach(
        (position, reason) -> {
          LOG.error(
              "Batch at WAL position {} of {} cannot be written; it is kept as a dead letter",
              position,
              current.name(),
              reason);
          rows.deadLetter(position, String.valueOf(reason.getMessage()));
          meters.deadLettered();
        });
  }

  @GuardedBy("lock")
  private void findBad(
      Table current,
      long after,
      List<Long> positions,
      DataFusionException failure,
      Map<Long, DataFusionException> bad) {
    if (positions.size() == 1) {
      bad.put(positions.get(0), failure);
      return;
    }
    int middle = positions.size() / 2;
    List<Long> low = positions.subList(0, middle);
    List<Long> high = positions.subList(middle, positions.size());
    long border = low.get(low.size() - 1);
    DataFusionException ofLow = failure(current, after, border);
    if (ofLow != null) {
      findBad(current, after, low, ofLow, bad);
    }
    DataFusionException ofHigh = failure(current, border, high.get(high.size() - 1));
    if (ofHigh != null) {
      findBad(current, border, high, ofHigh, bad);
    }
  }

  /** Why rows cannot be written; null if they can. */
  @GuardedBy("lock")
  private @Nullable DataFusionException failure(Table current, long after, long through) {
    try {
      dataFiles
          .write(current, rows, after, through)
          .forEach(file -> current.io().deleteFile(file.location()));
      return null;
    } catch (DataFusionException e) {
      if (blamesRows(e)) {
        return e;
      }
      throw e;
    }
  }

  private static boolean blamesRows(DataFusionException failure) {
    return switch (failure.kind()) {
      case PLAN, EXECUTION, PANIC, ARGUMENT, UNSUPPORTED -> true;
      case RESOURCES, IO, CANCELLED, CLOSED -> false;
    };
  }

  private void append(Table current, Prepared commit) {
    long through = commit.range.through();
    String key = Watermarks.key(writer);
    String value = Long.toString(through);
    try {
      Transaction transaction = current.newTransaction();
      if (!commit.files.isEmpty()) {
        AppendFiles append =
            transaction
                .newAppend()
                .scanManifestsWith(iceberg.manifestThreads())
                .writeManifestsWith(iceberg.manifestThreads(), 1);
        commit.files.forEach(append::appendFile);
        append.set(key, value);
        append.validateWith(new NotYetContained(writer, through));
        append.commit();
      }
      transaction.updateProperties().set(key, value).commit();
      transaction.commitTransaction();
    } catch (RuntimeException e) {
      if (!contains(current, through, e)) {
        throw e;
      }
      LOG.warn("A commit to {} was reported as failed and is in the table", current.name(), e);
    }
  }

  private boolean contains(Table current, long through, RuntimeException failure) {
    try {
      current.refresh();
      return Watermarks.of(current.properties(), writer).orElse(0) >= through;
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  /**
   * Stops a commit, also one that Iceberg retries, when the table it would be added to has the rows
   * already.
   */
  private record NotYetContained(UUID writer, long through) implements SnapshotAncestryValidator {
    @Override
    public boolean validate(Iterable<Snapshot> ancestors) {
      for (Snapshot ancestor : ancestors) {
        Map<String, String> summary = ancestor.summary();
        if (summary != null && Watermarks.of(summary, writer).orElse(0) >= through) {
          return false;
        }
      }
      return true;
    }

    @Override
    public String errorMessage() {
      return "the table contains the rows of writer %s up to %d already".formatted(writer, through);
    }
  }
}
