package io.signaldb.common.schema;

/** A value the Acceptor computes from a message. */
public enum Derivation {
  /** From a resource: its attribute {@code service.name}, {@code unknown} without a text there. */
  SERVICE_NAME,
  /** From a span: end minus start in nanoseconds. */
  DURATION,
  /** From a span: whether it has no parent. */
  IS_ROOT,
  /** From a data point or exemplar: its value as a double, null if it has none. */
  NUMBER
}
