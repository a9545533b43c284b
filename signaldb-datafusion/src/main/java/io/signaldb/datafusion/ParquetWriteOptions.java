package io.signaldb.datafusion;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.arrow.c.ArrowSchema;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * How {@link DataFrame#writeParquet} and {@link MemoryTable#writeParquet} lay out a file. Always:
 * statistics and offset index per page, dictionary encoding where not switched off, no embedded
 * Arrow schema, Parquet format version 1 pages. A local file is written beside its place, fsynced,
 * renamed, and its directories fsynced; missing directories are created. An object appears when it
 * is complete.
 *
 * @param schema the columns the file may have, in file order, and their types; the field metadata
 *     {@code PARQUET:field_id}, on nested fields too, becomes the field id. Columns of the query
 *     are matched by name and cast to these types. A column that is nullable may be missing from
 *     the query
 * @param sortBy columns the file is sorted by, ascending, nulls first, written to the footer as
 *     sorting columns
 * @param presorted the query returns its rows in the order of {@code sortBy} already (or {@code
 *     sortBy} is empty): rows are written as they arrive and every column of the query is kept.
 *     Otherwise the whole result is sorted in memory
 * @param dropNullColumns leave out nullable columns without any value; only when not presorted
 * @param bloomFilterColumns columns that get a bloom filter per row group, sized to its rows
 * @param plainColumns columns without dictionary encoding, for values that seldom repeat
 * @param zstdLevel 1 to 22
 * @param rowGroupRows most rows in a row group
 * @param pageRows most rows in a page
 */
public record ParquetWriteOptions(
    Schema schema,
    List<String> sortBy,
    boolean presorted,
    boolean dropNullColumns,
    List<String> bloomFilterColumns,
    List<String> plainColumns,
    int zstdLevel,
    int rowGroupRows,
    int pageRows) {
  public ParquetWriteOptions {
    sortBy = List.copyOf(sortBy);
    bloomFilterColumns = List.copyOf(bloomFilterColumns);
    plainColumns = List.copyOf(plainColumns);
    if (zstdLevel < 1 || zstdLevel > 22) {
      throw new IllegalArgumentException("zstdLevel must be 1 to 22, not " + zstdLevel);
    }
    if (rowGroupRows <= 0) {
      throw new IllegalArgumentException("rowGroupRows must be positive, not " + rowGroupRows);
    }
    if (pageRows <= 0) {
      throw new IllegalArgumentException("pageRows must be positive, not " + pageRows);
    }
  }

  /**
   * Rows sorted by {@code sortBy} in memory, null columns dropped, zstd 3, 262 144 rows a group.
   */
  public static ParquetWriteOptions sorted(Schema schema, List<String> sortBy) {
    return new ParquetWriteOptions(
        schema, sortBy, false, true, List.of(), List.of(), 3, 262_144, 2_048);
  }

  /** Rows streamed as the query returns them; {@code sortBy} says in which order that is. */
  public static ParquetWriteOptions streamed(Schema schema, List<String> sortBy) {
    return new ParquetWriteOptions(
        schema, sortBy, true, false, List.of(), List.of(), 3, 262_144, 8_192);
  }

  public ParquetWriteOptions withBloomFilterColumns(List<String> columns) {
    return new ParquetWriteOptions(
        schema,
        sortBy,
        presorted,
        dropNullColumns,
        columns,
        plainColumns,
        zstdLevel,
        rowGroupRows,
        pageRows);
  }

  public ParquetWriteOptions withPlainColumns(List<String> columns) {
    return new ParquetWriteOptions(
        schema,
        sortBy,
        presorted,
        dropNullColumns,
        bloomFilterColumns,
        columns,
        zstdLevel,
        rowGroupRows,
        pageRows);
  }

  public ParquetWriteOptions withZstdLevel(int level) {
    return new ParquetWriteOptions(
        schema,
        sortBy,
        presorted,
        dropNullColumns,
        bloomFilterColumns,
        plainColumns,
        level,
        rowGroupRows,
        pageRows);
  }

  public ParquetWriteOptions withRowGroupRows(int rows) {
    return new ParquetWriteOptions(
        schema,
        sortBy,
        presorted,
        dropNullColumns,
        bloomFilterColumns,
        plainColumns,
        zstdLevel,
        rows,
        pageRows);
  }

  /** A native call that writes a file of an exported schema. */
  interface Writing {
    /** Returns the footer and sets the number of rows and of bytes. */
    byte[] write(long schemaAddress, long[] rowsAndBytes);
  }

  ParquetFileInfo write(Writing writing) {
    long[] rowsAndBytes = new long[2];
    try (BufferAllocator allocator = new RootAllocator();
        ArrowSchema exported = ArrowSchema.allocateNew(allocator)) {
      Data.exportSchema(allocator, schema, null, exported);
      byte[] footer = writing.write(exported.memoryAddress(), rowsAndBytes);
      return new ParquetFileInfo(rowsAndBytes[0], rowsAndBytes[1], ByteBuffer.wrap(footer));
    }
  }

  /** For {@link Native}. */
  String[][] names() {
    return new String[][] {
      sortBy.toArray(String[]::new),
      bloomFilterColumns.toArray(String[]::new),
      plainColumns.toArray(String[]::new)
    };
  }

  /** For {@link Native}. */
  long[] numbers() {
    return new long[] {
      zstdLevel, rowGroupRows, pageRows, presorted ? 1 : 0, dropNullColumns ? 1 : 0
    };
  }
}
