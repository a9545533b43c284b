package io.signaldb.common.schema;

/** Where values of one attribute and one type are stored. */
public sealed interface AttributeLocation {
  /** The storage column, or for {@link InMap} the storage column that holds the map. */
  String column();

  /** In a column of its own; null where the span has no such value. */
  record InColumn(String column) implements AttributeLocation {}

  /** In the map of its type, under the attribute's key. */
  record InMap(String column, String key) implements AttributeLocation {}
}
