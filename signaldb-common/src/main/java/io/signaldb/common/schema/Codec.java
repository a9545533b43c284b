package io.signaldb.common.schema;

/** How a field of an OTLP message is written into its column. */
public enum Codec {
  /**
   * As it is; an enum as its number. An optional column has null where the message does not have
   * the field; where protobuf does not tell, for "" and 0.
   */
  PLAIN,
  /** As it is, also 0; null only where the message around the field is absent. */
  NESTED,
  /** An id as lower-case hex; null when it is empty or all zeros. */
  HEX,
  /** {@code Span.kind} as Internal (also when unspecified), Server, Client, Producer, Consumer. */
  SPAN_KIND,
  /** {@code Status.code} as Unspecified, Ok, Error. */
  STATUS_CODE,
  /** {@code AggregationTemporality} as Unspecified, Delta, Cumulative. */
  TEMPORALITY,
  /** An {@code AnyValue} to read: a text as it is, others as plain JSON, bytes in base64. */
  ANY_TEXT,
  /** An {@code AnyValue} that is no text as OTLP/JSON, null for a text. */
  ANY_JSON
}
