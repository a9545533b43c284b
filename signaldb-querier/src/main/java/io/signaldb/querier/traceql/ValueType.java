package io.signaldb.querier.traceql;

/** Static type of an expression. */
public enum ValueType {
  STRING("a string"),
  INT("an integer"),
  FLOAT("a float"),
  DURATION("a duration"),
  BOOLEAN("a boolean"),
  STATUS("a status"),
  KIND("a kind"),
  NIL("nil"),
  /** An array, a key-value list or bytes; no literal has this type. */
  STRUCTURED("a structured value"),
  /** Known only per span. */
  ATTRIBUTE("an attribute");

  private final String phrase;

  ValueType(String phrase) {
    this.phrase = phrase;
  }

  boolean isNumeric() {
    return this == INT || this == FLOAT || this == DURATION;
  }

  boolean isOrdered() {
    return isNumeric() || this == STRING || this == ATTRIBUTE;
  }

  /** True if values of the two types can ever be equal. */
  boolean comparableWith(ValueType other) {
    return this == other
        || this == ATTRIBUTE
        || other == ATTRIBUTE
        || (isNumeric() && other.isNumeric());
  }

  /** For messages: "a string", "nil". */
  @Override
  public String toString() {
    return phrase;
  }
}
