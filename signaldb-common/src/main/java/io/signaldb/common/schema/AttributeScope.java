package io.signaldb.common.schema;

/** What an attribute describes. */
public enum AttributeScope {
  SPAN,
  RESOURCE,
  /** The instrumentation scope. */
  SCOPE,
  EVENT,
  LINK,
  LOG,
  /** A data point of a metric. */
  POINT,
  /** The metric itself: its metadata. */
  METRIC,
  EXEMPLAR;

  /** Whether such attributes are inside the structs of a list, not in columns of the table. */
  public boolean isNested() {
    return this == EVENT || this == LINK || this == EXEMPLAR;
  }
}
