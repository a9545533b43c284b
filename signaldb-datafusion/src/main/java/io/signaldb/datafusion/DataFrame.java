package io.signaldb.datafusion;

import java.util.List;
import org.apache.arrow.c.ArrowSchema;
import org.apache.arrow.c.CDataDictionaryProvider;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
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
   * What the text of an SQL query asks for and answers with, whether values are bound or not.
   *
   * @throws DataFusionException PLAN, UNSUPPORTED, CANCELLED and others; ARGUMENT if it has no text
   */
  public QueryDescription describe() {
    try (BufferAllocator allocator = new RootAllocator();
        ArrowSchema placeholders = ArrowSchema.allocateNew(allocator);
        ArrowSchema answer = ArrowSchema.allocateNew(allocator);
        CDataDictionaryProvider provider = new CDataDictionaryProvider()) {
      Native.describeQuery(handle, placeholders.memoryAddress(), answer.memoryAddress());
      return new QueryDescription(
          Data.importSchema(allocator, placeholders, provider).getFields(),
          Data.importSchema(allocator, answer, provider));
    }
  }

  /**
   * What an SQL query reads of which tables: the columns that are left when it has been optimized,
   * perhaps none of a table of which only rows are counted. Rows of unions may still be added
   * before the query is executed.
   *
   * @return one for each place where a table is read; functions that make rows are among them
   * @throws DataFusionException PLAN, UNSUPPORTED, CANCELLED and others; ARGUMENT if it has no text
   */
  public List<TableScan> scans() {
    return Native.queryScans(handle).lines().map(TableScan::parse).toList();
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
