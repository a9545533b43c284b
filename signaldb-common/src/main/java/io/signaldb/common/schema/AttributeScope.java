package io.signaldb.common.schema;

/** What an attribute describes. */
public enum AttributeScope {
  SPAN,
  RESOURCE,
  /** The instrumentation scope. */
  SCOPE,
  EVENT,
  LINK
}
