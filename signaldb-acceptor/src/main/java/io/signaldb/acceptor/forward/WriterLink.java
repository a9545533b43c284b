package io.signaldb.acceptor.forward;

/** The way to one Writer. Thread-safe. */
interface WriterLink extends AutoCloseable {
  /** Bytes of unanswered batches above which a Writer is given no more. */
  long WINDOW_BYTES = 64L << 20;

  /**
   * Takes a batch, unless the window is full.
   *
   * @param elsewhere run if this Writer cannot be reached and has not got the batch
   * @param evenDown whether to take it also when the last connection failed a moment ago; it then
   *     waits for the next
   */
  boolean offer(PendingBatch batch, Runnable elsewhere, boolean evenDown);

  /** Batches taken and not yet answered. */
  int outstanding();

  /** Takes no more; what is not answered fails, or is answered soon. */
  @Override
  void close();
}
