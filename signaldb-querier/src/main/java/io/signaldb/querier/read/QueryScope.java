package io.signaldb.querier.read;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.AnswerSummary;
import io.signaldb.datafusion.DataFusionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.jspecify.annotations.Nullable;

/**
 * One running query: its memory, its deadline, what it has looked at, and how to stop it. Used by
 * the thread that runs the query, except {@link #stop}, which any thread may call at any time.
 */
public final class QueryScope implements AutoCloseable {
  private final BufferAllocator allocator;
  private final ScheduledFuture<?> deadline;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final List<Runnable> running = new ArrayList<>();

  @GuardedBy("lock")
  private @Nullable SignalDbException stopped;

  private final Set<String> missing = new LinkedHashSet<>();
  private long inspectedRows;
  private long inspectedBytes;

  private QueryScope(BufferAllocator allocator, Duration timeout, ScheduledExecutorService timer) {
    this.allocator = allocator;
    this.deadline =
        timer.schedule(
            () ->
                stop(
                    new SignalDbException(
                        ErrorCode.DEADLINE_EXCEEDED,
                        "The query ran longer than %d ms; narrow its time range or conditions"
                            .formatted(timeout.toMillis()))),
            timeout.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /**
   * Starts the clock of a query.
   *
   * @param parent the scope makes a child of it
   * @param timer calls {@link #stop} when the time is up; borrowed
   */
  public static QueryScope open(
      BufferAllocator parent, Duration timeout, ScheduledExecutorService timer) {
    return new QueryScope(parent.newChildAllocator("query", 0, parent.getLimit()), timeout, timer);
  }

  /** Everything the query holds in Java; closed with the scope, when all of it must be free. */
  public BufferAllocator allocator() {
    return allocator;
  }

  /** Ends the query: what runs is cancelled, and it fails with {@code reason}. */
  public void stop(SignalDbException reason) {
    List<Runnable> cancellations;
    synchronized (lock) {
      if (stopped != null) {
        return;
      }
      stopped = reason;
      cancellations = List.copyOf(running);
    }
    cancellations.forEach(Runnable::run);
  }

  /**
   * Throws if the query has been stopped.
   *
   * @throws SignalDbException the reason
   */
  public void check() {
    synchronized (lock) {
      if (stopped != null) {
        throw stopped;
      }
    }
  }

  /**
   * Runs a step of the query.
   *
   * @param cancel called, perhaps from another thread, when the query is stopped meanwhile
   * @throws SignalDbException if the query has been stopped before
   */
  <E extends Exception> void run(Runnable cancel, Step<E> step) throws E {
    synchronized (lock) {
      if (stopped != null) {
        throw stopped;
      }
      running.add(cancel);
    }
    try {
      step.run();
    } finally {
      synchronized (lock) {
        running.remove(cancel);
      }
    }
  }

  /** What the query fails with when a part of it failed with {@code failure}. */
  public SignalDbException failure(Throwable failure) {
    synchronized (lock) {
      if (stopped != null) {
        return stopped;
      }
    }
    if (failure instanceof SignalDbException known) {
      return known;
    }
    if (failure instanceof OutOfMemoryException) {
      return new SignalDbException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The answer does not fit into service.arrow_memory_bytes; narrow the query",
          failure);
    }
    if (failure instanceof DataFusionException engine) {
      return new SignalDbException(
          code(engine.kind()), "The query failed: " + engine.getMessage(), engine);
    }
    return new SignalDbException(
        ErrorCode.INTERNAL, "The query failed: " + failure.getMessage(), failure);
  }

  private static ErrorCode code(DataFusionException.Kind kind) {
    return switch (kind) {
      case RESOURCES -> ErrorCode.RESOURCE_EXHAUSTED;
      case CANCELLED -> ErrorCode.CANCELLED;
      case CLOSED -> ErrorCode.UNAVAILABLE;
      case PLAN, EXECUTION, IO, PANIC, ARGUMENT, UNSUPPORTED -> ErrorCode.INTERNAL;
    };
  }

  void inspected(long rows, long bytes) {
    inspectedRows += rows;
    inspectedBytes += bytes;
  }

  /** Notes that the answer may lack rows. */
  public void incomplete(String reason) {
    missing.add(reason);
  }

  /** What there is to say about the answer so far. */
  public AnswerSummary summary() {
    return new AnswerSummary(
        inspectedRows, inspectedBytes, missing.isEmpty() ? null : String.join("; ", missing));
  }

  @Override
  public void close() {
    deadline.cancel(false);
    allocator.close();
  }

  /** A part of a query. */
  @FunctionalInterface
  interface Step<E extends Exception> {
    void run() throws E;
  }
}
