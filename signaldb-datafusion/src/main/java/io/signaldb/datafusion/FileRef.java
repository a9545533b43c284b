package io.signaldb.datafusion;

import java.util.List;

/**
 * A Parquet file that never changes. Its footer is cached by URL and size.
 *
 * @param url {@code file:///absolute/path} or {@code s3://bucket/key}, percent-encoded
 * @param size bytes, exactly
 */
public record FileRef(String url, long size) {
  static String[] urls(List<FileRef> files) {
    return files.stream().map(FileRef::url).toArray(String[]::new);
  }

  static long[] sizes(List<FileRef> files) {
    return files.stream().mapToLong(FileRef::size).toArray();
  }
}
