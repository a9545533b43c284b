package io.signaldb.datafusion;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The engine of this process: worker threads, memory pool, spill directory, object stores and
 * caches of Parquet footers, shared by all sessions. Open one and keep it. Thread-safe.
 */
public final class DataFusionRuntime implements AutoCloseable {
  private final long handle;

  private DataFusionRuntime(long handle) {
    this.handle = handle;
  }

  /**
   * Loads the native library on first use and starts the threads.
   *
   * @throws DataFusionException UNSUPPORTED if there is no library for this platform, ARGUMENT for
   *     an unknown setting or bad value, IO if the spill directory cannot be created
   */
  public static DataFusionRuntime open(RuntimeOptions options) {
    NativeLibrary.load();
    String spill = options.spillDirectory() == null ? "" : options.spillDirectory().toString();
    return new DataFusionRuntime(
        Native.openRuntime(
            options.memoryBytes(), spill, options.threads(), flatten(options.settings())));
  }

  /**
   * Makes the objects of a bucket readable and writable for every session; replaces an earlier
   * registration.
   *
   * @param bucketUrl {@code s3://bucket}
   * @param options keys of Rust's object_store: {@code access_key_id}, {@code secret_access_key},
   *     {@code region}, {@code endpoint}, {@code allow_http}, {@code virtual_hosted_style_request}
   *     and so on; what is missing comes from the environment as in the AWS tools
   * @throws DataFusionException ARGUMENT for a bad URL or an unknown option
   */
  public void registerS3(String bucketUrl, Map<String, String> options) {
    Native.registerS3(handle, bucketUrl, flatten(options));
  }

  /** A session without tables. Costs microseconds: open one per query. */
  public SessionContext newSession() {
    return new SessionContext(Native.openSession(handle));
  }

  /**
   * A session for SQL from outside, without tables.
   *
   * @param catalog of tables that are named without one
   * @param schema of tables that are named without one
   * @param entries which {@code map['key']} reads a column; where a query sees the map and the
   *     column under one name of a table
   */
  public SessionContext newSession(String catalog, String schema, Collection<MapEntry> entries) {
    String[] flat =
        entries.stream()
            .flatMap(entry -> Stream.of(entry.map(), entry.key(), entry.column()))
            .toArray(String[]::new);
    return new SessionContext(Native.openSessionOf(handle, catalog, schema, flat));
  }

  /**
   * The top-level columns that at least one of the files has, by their footers, which are read in
   * parallel unless they are cached. Planning takes time for every declared column: a query for all
   * columns of a wide table is faster over a table declared with only these.
   *
   * @throws DataFusionException ARGUMENT for a bad URL, IO if a footer cannot be read
   */
  public Set<String> presentColumns(List<FileRef> files) {
    String names = Native.presentColumns(handle, FileRef.urls(files), FileRef.sizes(files));
    return names.isEmpty() ? Set.of() : Set.of(names.split("\n"));
  }

  /**
   * The files that may have a row with one of the values, by their bloom filters, which are read in
   * parallel unless they are in memory; files without one may.
   *
   * @param column a top-level column of strings
   * @throws DataFusionException ARGUMENT for a bad URL, IO if a file cannot be read
   */
  public List<FileRef> filesWith(List<FileRef> files, String column, Collection<String> values) {
    long[] found =
        Native.filesWith(
            handle,
            FileRef.urls(files),
            FileRef.sizes(files),
            column,
            values.toArray(String[]::new));
    return LongStream.of(found).mapToObj(number -> files.get((int) number)).toList();
  }

  /** What the engine holds now. */
  public RuntimeStats stats() {
    long[] v = Native.runtimeStats(handle);
    return new RuntimeStats(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
  }

  /** Cancels the queries that run and refuses new ones. Memory tables stay usable. */
  @Override
  public void close() {
    Native.closeRuntime(handle);
  }

  long handle() {
    return handle;
  }

  /** Keys and values in turn. */
  static String[] flatten(Map<String, String> map) {
    return map.entrySet().stream()
        .flatMap(e -> Stream.of(e.getKey(), e.getValue()))
        .toArray(String[]::new);
  }
}
