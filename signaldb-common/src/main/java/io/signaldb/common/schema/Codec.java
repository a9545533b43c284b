package io.signaldb.common.schema;

/** How a field of an OTLP message is written into its column. */
public enum Codec {
  /** As it is; an enum as its number; an optional column has null for "" and 0. */
  PLAIN,
  /** An id as lower-case hex; null when it is empty or all zeros. */
  HEX,
  /** {@code Span.kind} as Internal (also when unspecified), Server, Client, Producer, Consumer. */
  SPAN_KIND,
  /** {@code Status.code} as Unspecified, Ok, Error. */
  STATUS_CODE
}
