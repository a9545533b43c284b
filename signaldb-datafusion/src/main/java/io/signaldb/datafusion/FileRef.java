package io.signaldb.datafusion;

/**
 * A Parquet file that never changes. Its footer is cached by URL and size.
 *
 * @param url {@code file:///absolute/path} or {@code s3://bucket/key}, percent-encoded
 * @param size bytes, exactly
 */
public record FileRef(String url, long size) {}
