package io.signaldb.querier.traceql;

/** Where an attribute is looked for. */
public enum Scope {
  /** {@code .x}: the span's value, or the resource's if the span has none. */
  ANY("."),
  SPAN("span."),
  RESOURCE("resource."),
  INSTRUMENTATION("instrumentation."),
  EVENT("event."),
  LINK("link."),
  /** {@code parent.x}: what {@code .x} is for the parent span. */
  PARENT("parent."),
  PARENT_SPAN("parent.span."),
  PARENT_RESOURCE("parent.resource.");

  private final String prefix;

  Scope(String prefix) {
    this.prefix = prefix;
  }

  /** The text before the attribute's key in a query. */
  public String prefix() {
    return prefix;
  }

  /** Whether the attribute is one of the parent span. */
  public boolean isOfParent() {
    return this == PARENT || this == PARENT_SPAN || this == PARENT_RESOURCE;
  }

  /** For an attribute of the parent, the scope it has as seen from the parent; else this scope. */
  public Scope withinSpan() {
    return switch (this) {
      case PARENT -> ANY;
      case PARENT_SPAN -> SPAN;
      case PARENT_RESOURCE -> RESOURCE;
      case ANY, SPAN, RESOURCE, INSTRUMENTATION, EVENT, LINK -> this;
    };
  }
}
