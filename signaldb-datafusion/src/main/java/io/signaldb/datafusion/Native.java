package io.signaldb.datafusion;

import java.nio.ByteBuffer;

/**
 * The native functions. A handle is a number that is never used twice; calls with a closed one
 * throw CLOSED. Addresses are those of Arrow C Data structures. Lists of names and options are
 * flattened into string arrays; SQL and bound values are bytes, so that any text passes unchanged.
 */
final class Native {
  private Native() {}

  static native String sourcesHash();

  static native long openRuntime(
      long memoryBytes, String spillDirectory, int threads, String[] settings);

  static native void closeRuntime(long runtime);

  static native long[] runtimeStats(long runtime);

  static native void registerS3(long runtime, String url, String[] options);

  /** Names separated by line feeds. */
  static native String presentColumns(long runtime, String[] urls, long[] sizes);

  /** Numbers of the files. */
  static native long[] filesWith(
      long runtime, String[] urls, long[] sizes, String column, String[] values);

  static native long openSession(long runtime);

  /** Entries are triples of map column, key and column. */
  static native long openSessionOf(long runtime, String catalog, String schema, String[] entries);

  static native void closeSession(long session);

  static native void registerParquet(
      long session, String[] name, long schema, String[] urls, long[] sizes, String[] sortedBy);

  static native void registerMemoryTable(
      long session, String[] name, long table, long afterPosition, long throughPosition);

  static native void registerStream(long session, String[] name, long stream);

  static native void registerUnion(long session, String[] name, long schema);

  static native void addParquet(
      long session, String[] name, String[] urls, long[] sizes, String[] sortedBy);

  static native void addStream(long session, String[] name, long stream);

  static native void deregister(long session, String[] name);

  static native long createQuery(long session, byte[] sql, byte[] params);

  static native long createSelect(
      long session, String[] table, String[] columns, byte[] condition, byte[] params);

  static native void describeQuery(long query, long placeholders, long answer);

  /** A line a scan: catalog, schema, table and columns separated by tabs. */
  static native String queryScans(long query);

  static native void executeQuery(long query, long schema);

  static native boolean nextBatch(long query, long array);

  static native void cancelQuery(long query);

  static native void closeQuery(long query);

  static native String queryMetrics(long query);

  /** Names and numbers are those of {@link ParquetWriteOptions}. */
  static native byte[] writeParquet(
      long query, String url, long schema, String[][] names, long[] numbers, long[] rowsAndBytes);

  static native byte[] writeMemoryTable(
      long runtime,
      long table,
      long afterPosition,
      long throughPosition,
      byte[] condition,
      String url,
      long schema,
      String[][] names,
      long[] numbers,
      long[] rowsAndBytes);

  static native long createMemoryTable(
      long runtime, long schema, String[] columns, String indexColumn);

  static native void closeMemoryTable(long table);

  static native void dropThrough(long table, long position);

  static native long[] memoryTableSize(long table);

  static native long stageDirect(long table, ByteBuffer ipc, int offset, int length, long[] size);

  static native long stageArray(long table, byte[] ipc, int offset, int length, long[] size);

  static native void publish(long staged, long position);

  static native void closeStaged(long staged);
}
