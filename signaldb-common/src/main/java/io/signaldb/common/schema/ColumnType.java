package io.signaldb.common.schema;

import java.util.List;

/** The type of a column, the same in Arrow, Parquet, Iceberg and SQL. */
public sealed interface ColumnType {
  /** A type without parts. */
  enum Scalar implements ColumnType {
    STRING,
    INT32,
    INT64,
    DOUBLE,
    BOOLEAN,
    /** Microseconds since the epoch, without time zone. */
    TIMESTAMP,
    /** Days since the epoch. */
    DATE
  }

  /** A map from string to {@code value}; values may be null in no entry. */
  record MapOf(Scalar value) implements ColumnType {}

  /** A list of {@code element}, none of them null. */
  record ValuesOf(Scalar element) implements ColumnType {}

  /** A list of structs with these fields. */
  record ListOf(List<Column> fields) implements ColumnType {
    public ListOf {
      fields = List.copyOf(fields);
    }
  }
}
