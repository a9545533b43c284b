package io.signaldb.datafusion;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;

/**
 * One query; executed once, by {@link #executeStream} or {@link #writeParquet}. {@link #cancel}
 * works from any thread at any time, also before and while the query is planned. Thread-safe.
 */
public final class DataFrame implements AutoCloseable {
  private final long handle;

  DataFrame(long handle) {
    this.handle = handle;
  }

  /**
   * Plans the query and starts it. At most a few batches are computed ahead of the reader.
   *
   * @param allocator accounts the batches while they are in Java; their memory is native
   * @return the caller closes it, before the allocator; closing it early stops the query. Its
   *     {@code loadNextBatch} throws {@link DataFusionException}, with kind CANCELLED after {@link
   *     #cancel} and CLOSED after {@link #close}. Not thread-safe
   * @throws DataFusionException PLAN, UNSUPPORTED, CANCELLED and others; ARGUMENT if it has been
   *     executed before
   */
  public ArrowReader executeStream(BufferAllocator allocator) {
    return QueryReader.open(handle, allocator);
  }

  /**
   * Runs the query and writes its rows into one Parquet file, as {@link ParquetWriteOptions} says.
   *
   * @param url {@code file:///absolute/path} or {@code s3://bucket/key}, percent-encoded; replaced
   *     if it exists
   * @throws DataFusionException ARGUMENT if a column of the query is not in the options' schema, or
   *     a column that is not nullable is missing or has nulls; IO; and what {@link #executeStream}
   *     and its reader throw. Nothing is left at {@code url}
   */
  public ParquetFileInfo writeParquet(String url, ParquetWriteOptions options) {
    return options.write(
        (schema, rowsAndBytes) ->
            Native.writeParquet(
                handle, url, schema, options.names(), options.numbers(), rowsAndBytes));
  }

  /** Stops the query, or prevents it from starting. Returns at once; may be called twice. */
  public void cancel() {
    Native.cancelQuery(handle);
  }

  /** The physical plan with what each operator has counted so far; empty before planning. */
  public String metrics() {
    return Native.queryMetrics(handle);
  }

  /** Stops the query and frees it. Batches that were read stay valid. */
  @Override
  public void close() {
    Native.closeQuery(handle);
  }
}
