package io.signaldb.writer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.wal.Wal;
import io.signaldb.common.wal.WalEntry;
import java.util.ArrayList;
import java.util.List;

/** One write-ahead log and the tables whose rows are in it. Thread-safe. */
final class SignalLog {
  private final Wal wal;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final List<TableRows> tables = new ArrayList<>();

  @GuardedBy("lock")
  private long published;

  @GuardedBy("lock")
  private long freed;

  SignalLog(Wal wal) {
    this.wal = wal;
  }

  Wal wal() {
    return wal;
  }

  void add(TableRows table) {
    synchronized (lock) {
      tables.add(table);
    }
  }

  /** Tells that every entry up to here is in its table's memory, or contained already. */
  void published(long position) {
    synchronized (lock) {
      published = Math.max(published, position);
    }
  }

  /**
   * Every entry up to here is in the files of its table.
   *
   * @return the position, or -1 if {@link #free} was called with it before
   */
  long contained() {
    synchronized (lock) {
      long through = published;
      for (TableRows table : tables) {
        through = Math.min(through, table.containedThrough());
      }
      return through > freed ? through : -1;
    }
  }

  /** Frees the segments all of whose entries are at or below a position that is contained. */
  void free(long through) {
    wal.freeThrough(through);
    synchronized (lock) {
      freed = Math.max(freed, through);
    }
  }

  /** Keeps a copy of an entry that cannot be committed; on disk at return. */
  void deadLetter(long position, String reason) {
    try {
      wal.replay(
          position - 1,
          entry -> {
            if (entry.position() == position) {
              wal.deadLetter(entry, reason);
            }
            throw new EndOfReplay();
          });
    } catch (EndOfReplay e) {
      // One entry was wanted.
      return;
    }
  }

  /** See {@link #deadLetter(long, String)}. */
  void deadLetter(WalEntry entry, String reason) {
    wal.deadLetter(entry, reason);
  }

  private static final class EndOfReplay extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EndOfReplay() {
      super("end of replay", null, false, false);
    }
  }
}
