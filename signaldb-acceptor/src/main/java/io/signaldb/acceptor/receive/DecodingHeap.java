package io.signaldb.acceptor.receive;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Three quarters of the Java heap, shared by the requests being decoded: those that would not fit
 * together wait for each other. Thread-safe.
 */
final class DecodingHeap {
  private static final int UNIT_BYTES = 1024;

  private final int units = Math.toIntExact(Runtime.getRuntime().maxMemory() / UNIT_BYTES / 4) * 3;
  private final Semaphore free = new Semaphore(units, true);

  /**
   * Works within a share of the heap; waits for it.
   *
   * @param bytes that the work will take; one that needs more than there is runs alone
   */
  <T> T within(long bytes, Supplier<T> work) {
    int taken = (int) Math.min(units, 1 + bytes / UNIT_BYTES);
    free.acquireUninterruptibly(taken);
    try {
      return work.get();
    } finally {
      free.release(taken);
    }
  }
}
