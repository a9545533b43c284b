package io.signaldb.datafusion;

/** A checked batch that may be published in the {@link MemoryTable} it was staged for. */
public final class StagedBatch implements AutoCloseable {
  private final long handle;
  private final long rows;
  private final long bytes;

  StagedBatch(long handle, long rows, long bytes) {
    this.handle = handle;
    this.rows = rows;
    this.bytes = bytes;
  }

  /** Rows of the batch. */
  public long rows() {
    return rows;
  }

  /** Native memory of the batch. */
  public long bytes() {
    return bytes;
  }

  /**
   * Makes the batch visible to queries planned from now on. May be called once. Positions usually
   * rise; a lower one than before is put in its place.
   *
   * @throws DataFusionException ARGUMENT if it has been published, CLOSED if it or its table is
   *     closed
   */
  public void publish(long position) {
    Native.publish(handle, position);
  }

  /** Frees the batch unless it has been published. */
  @Override
  public void close() {
    Native.closeStaged(handle);
  }
}
