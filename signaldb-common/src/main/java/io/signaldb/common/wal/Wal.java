package io.signaldb.common.wal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * One write-ahead log. Thread-safe.
 *
 * <p>Appends that wait at the same time are written together and share one fdatasync. Whatever
 * changes the files of a log runs one after the other on the sync threads of its root.
 */
public final class Wal {
  private final WalName name;
  private final SegmentLog segments;
  private final Executor syncThreads;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Queue<Operation> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean scheduled;

  @GuardedBy("lock")
  private boolean closed;

  private sealed interface Operation {
    /** An append and the promise of its position. */
    record Append(PendingEntry entry, CompletableFuture<Long> position) implements Operation {}

    /** Anything else that changes files. */
    record Task(FileAction action, CompletableFuture<Void> done) implements Operation {}
  }

  /** What a task does. */
  @FunctionalInterface
  private interface FileAction {
    void run() throws IOException;
  }

  Wal(WalName name, SegmentLog segments, Executor syncThreads) {
    this.name = name;
    this.segments = segments;
    this.syncThreads = syncThreads;
  }

  /** Whose log it is. */
  public WalName name() {
    return name;
  }

  /**
   * Appends one entry and returns once it is on disk.
   *
   * @param payload parts of one payload, each from position to limit; borrowed until the return
   * @return the position of the entry
   * @throws SignalDbException UNAVAILABLE if the disk refuses; the entry is taken back and will not
   *     be replayed, unless the process dies before the disk works again
   */
  public long append(ByteBuffer... payload) {
    return await(appendAsync(payload));
  }

  /**
   * Like {@link #append}, without waiting.
   *
   * @param payload parts of one payload; must not change until the future completes
   * @return completes with the position, in order of positions, or with the exception of {@link
   *     #append}; dependent actions run on the thread that syncs this log, so they must be short
   *     and must not wait for this log
   */
  public CompletableFuture<Long> appendAsync(ByteBuffer... payload) {
    CompletableFuture<Long> position = new CompletableFuture<>();
    submit(new Operation.Append(new PendingEntry(payload), position), position);
    return position;
  }

  /**
   * Hands every entry above a position to a consumer, in order. A damaged entry is skipped, copied
   * to the directory {@code dead-letter} with the reason, and counted. Entries appended during the
   * replay may or may not be seen; nothing may be freed during it.
   *
   * @throws SignalDbException UNAVAILABLE if the log cannot be read
   */
  public void replay(long afterPosition, WalConsumer consumer) {
    try {
      segments.replay(afterPosition, consumer);
    } catch (IOException e) {
      throw refused("read", e);
    }
  }

  /**
   * Deletes the segments whose entries all have positions at or below the given one. What cannot be
   * deleted now is logged and deleted by a later call.
   */
  public void freeThrough(long position) {
    await(run(() -> segments.freeThrough(position)));
  }

  /**
   * Makes sure that later appends get positions above the given one, for a caller that remembers a
   * higher position than this log does (its files were removed or damaged).
   *
   * @throws SignalDbException UNAVAILABLE if the disk refuses
   */
  public void skipThrough(long position) {
    await(run(() -> segments.skipThrough(position)));
  }

  /**
   * Copies an entry that cannot be processed, with the reason, into the directory {@code
   * dead-letter} of this log; on disk at return. The entry itself stays until it is freed.
   *
   * @throws SignalDbException UNAVAILABLE if the disk refuses
   */
  public void deadLetter(WalEntry entry, String reason) {
    try {
      segments.deadLetter(entry, reason);
    } catch (IOException e) {
      throw refused("set aside", e);
    }
  }

  /** Bytes of segments that hold entries not yet freed. */
  public long backlogBytes() {
    return segments.backlogBytes();
  }

  /** Highest position on disk, or given up by {@link #skipThrough}; 0 in a new log. */
  public long lastPosition() {
    return segments.lastPosition();
  }

  /** Finishes what was appended before; later appends fail with UNAVAILABLE. */
  void close() {
    CompletableFuture<Void> done;
    synchronized (lock) {
      if (closed) {
        return;
      }
      done = run(segments::close);
      closed = true;
    }
    await(done);
  }

  private CompletableFuture<Void> run(FileAction action) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    submit(new Operation.Task(action, done), done);
    return done;
  }

  private void submit(Operation operation, CompletableFuture<?> outcome) {
    synchronized (lock) {
      if (!closed) {
        waiting.add(operation);
        if (!scheduled) {
          scheduled = true;
          syncThreads.execute(this::work);
        }
        return;
      }
    }
    outcome.completeExceptionally(
        new SignalDbException(
            ErrorCode.UNAVAILABLE, "Write-ahead log %s is closed".formatted(name)));
  }

  /** Does what waits now, then makes room for the other logs of the root. */
  private void work() {
    List<Operation> batch;
    synchronized (lock) {
      batch = List.copyOf(waiting);
      waiting.clear();
    }
    List<Operation.Append> group = new ArrayList<>();
    long groupBytes = 0;
    for (Operation operation : batch) {
      if (operation instanceof Operation.Append append) {
        if (!group.isEmpty() && !segments.fits(groupBytes + append.entry().frameBytes())) {
          commit(group);
          groupBytes = 0;
        }
        group.add(append);
        groupBytes += append.entry().frameBytes();
      } else if (operation instanceof Operation.Task task) {
        commit(group);
        groupBytes = 0;
        perform(task);
      }
    }
    commit(group);
    synchronized (lock) {
      scheduled = !waiting.isEmpty();
      if (scheduled) {
        syncThreads.execute(this::work);
      }
    }
  }

  private void commit(List<Operation.Append> group) {
    if (group.isEmpty()) {
      return;
    }
    try {
      long position = segments.append(group.stream().map(Operation.Append::entry).toList());
      for (Operation.Append append : group) {
        append.position().complete(position++);
      }
    } catch (IOException | RuntimeException | Error e) {
      SignalDbException refused = refused("written", e);
      group.forEach(append -> append.position().completeExceptionally(refused));
    }
    group.clear();
  }

  private void perform(Operation.Task task) {
    try {
      task.action().run();
      task.done().complete(null);
    } catch (IOException e) {
      task.done().completeExceptionally(refused("written", e));
    } catch (RuntimeException | Error e) {
      task.done().completeExceptionally(e);
    }
  }

  private SignalDbException refused(String what, Throwable cause) {
    return new SignalDbException(
        ErrorCode.UNAVAILABLE,
        "Write-ahead log %s cannot be %s: %s".formatted(name, what, cause.getMessage()),
        cause);
  }

  private static <T> T await(CompletableFuture<T> outcome) {
    try {
      return outcome.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof SignalDbException known) {
        throw known;
      }
      throw e;
    }
  }
}
