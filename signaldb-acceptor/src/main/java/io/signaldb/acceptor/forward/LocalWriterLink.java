package io.signaldb.acceptor.forward;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.error.Failures;
import io.signaldb.common.flight.LocalWriters;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Hands batches to a Writer of this process. What the Writer does with one before its log, it does
 * on the thread that offers it. Thread-safe.
 */
final class LocalWriterLink implements WriterLink {
  private final LocalWriters.Connection writer;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private long windowBytes;

  @GuardedBy("lock")
  private int outstanding;

  @GuardedBy("lock")
  private boolean closed;

  LocalWriterLink(LocalWriters.Connection writer) {
    this.writer = writer;
  }

  @Override
  public boolean offer(PendingBatch batch, Runnable elsewhere, boolean evenDown) {
    synchronized (lock) {
      if (closed || windowBytes >= WINDOW_BYTES) {
        return false;
      }
      windowBytes += batch.bytes();
      outstanding++;
    }
    CompletableFuture<Void> unused =
        writer.put(batch.batch()).whenComplete((stored, failure) -> answered(batch, failure));
    return true;
  }

  @Override
  public int outstanding() {
    synchronized (lock) {
      return outstanding;
    }
  }

  /** The Writer answers what it has taken, so nothing is failed here. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
  }

  private void answered(PendingBatch batch, @Nullable Throwable failure) {
    synchronized (lock) {
      windowBytes -= batch.bytes();
      outstanding--;
    }
    if (failure == null) {
      batch.outcome().complete(null);
    } else {
      batch.fail(Failures.coded(failure));
    }
  }
}
