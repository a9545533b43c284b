package io.signaldb.common.schema;

/** The type of an attribute's value, which decides the column it is stored in. */
public enum AttributeType {
  STRING,
  /** A signed 64-bit integer. */
  INT,
  DOUBLE,
  BOOL,
  /**
   * Everything else (array, key-value list, bytes, empty value) as the text of an OTLP/JSON {@code
   * AnyValue}.
   */
  JSON
}
