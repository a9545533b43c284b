package io.signaldb.querier.traceql;

/** Where an attribute is looked for. */
public enum Scope {
  /** {@code .x}: the span's value, or the resource's if the span has none. */
  ANY("."),
  SPAN("span."),
  RESOURCE("resource."),
  INSTRUMENTATION("instrumentation.");

  private final String prefix;

  Scope(String prefix) {
    this.prefix = prefix;
  }

  /** The text before the attribute's key in a query. */
  public String prefix() {
    return prefix;
  }
}
