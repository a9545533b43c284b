package io.signaldb.common.schema;

import io.signaldb.common.schema.ColumnType.Scalar;

/** The type of an attribute's value, which decides the column it is stored in. */
public enum AttributeType {
  STRING("", Scalar.STRING),
  /** A signed 64-bit integer. */
  INT("_int", Scalar.INT64),
  DOUBLE("_double", Scalar.DOUBLE),
  BOOL("_bool", Scalar.BOOLEAN),
  /**
   * Everything else (array, key-value list, bytes, empty value) as the text of an OTLP/JSON {@code
   * AnyValue}.
   */
  JSON("_json", Scalar.STRING);

  private final String suffix;
  private final Scalar scalar;

  AttributeType(String suffix, Scalar scalar) {
    this.suffix = suffix;
    this.scalar = scalar;
  }

  /**
   * The column that holds the map of this type.
   *
   * @param attributes name of the column of type {@code attributes}, such as {@code
   *     span_attributes}
   */
  public String mapColumn(String attributes) {
    return attributes + suffix;
  }

  /** The type of the values, in a map or in a promoted column. */
  public Scalar scalar() {
    return scalar;
  }
}
