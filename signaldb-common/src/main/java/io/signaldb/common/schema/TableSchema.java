package io.signaldb.common.schema;

import java.util.List;
import org.apache.iceberg.PartitionSpec;

/**
 * The columns of one table: as they travel ({@code wire}, v1) and as they are stored ({@code
 * storage}, v2). Immutable.
 */
public final class TableSchema {
  private TableSchema() {}

  /** Table name in Iceberg, tickets and batch headers. */
  public String name() {
    throw new UnsupportedOperationException();
  }

  public Signal signal() {
    throw new UnsupportedOperationException();
  }

  /** Columns of a batch on the wire and in the WAL, attributes expanded, promoted ones last. */
  public List<Column> wire() {
    throw new UnsupportedOperationException();
  }

  /** Columns of the Iceberg table, attributes expanded, promoted ones last. */
  public List<Column> storage() {
    throw new UnsupportedOperationException();
  }

  /** {@link #wire} in Arrow: flat, strings as plain Utf8. What a memory table declares. */
  public org.apache.arrow.vector.types.pojo.Schema wireArrow() {
    throw new UnsupportedOperationException();
  }

  /** {@link #storage} in Arrow. */
  public org.apache.arrow.vector.types.pojo.Schema storageArrow() {
    throw new UnsupportedOperationException();
  }

  /** {@link #storage} in Iceberg, for table creation: the catalog assigns the final field ids. */
  public org.apache.iceberg.Schema icebergSchema() {
    throw new UnsupportedOperationException();
  }

  /** How {@code schema}, which has the columns of this table, is partitioned. */
  public PartitionSpec partitionSpec(org.apache.iceberg.Schema schema) {
    throw new UnsupportedOperationException();
  }

  /** Storage columns by which rows in a file are sorted, ascending. */
  public List<String> sortBy() {
    throw new UnsupportedOperationException();
  }

  /**
   * The select list, in SQL, that turns rows of {@link #wire} into rows of {@link #storage}:
   * renames, casts and computed columns. Use it as {@code SELECT <list> FROM <wire rows>}.
   */
  public String storageProjection() {
    throw new UnsupportedOperationException();
  }

  public AttributeColumns attributes() {
    throw new UnsupportedOperationException();
  }

  /**
   * The Arrow schema of files of an Iceberg table: its columns with their field ids, nested ones
   * included, as {@code PARQUET:field_id} metadata.
   */
  public static org.apache.arrow.vector.types.pojo.Schema arrowWithFieldIds(
      org.apache.iceberg.Schema schema) {
    throw new UnsupportedOperationException();
  }
}
