package io.signaldb.common.discovery;

/** What a service can be asked to do; the text is what the service catalog holds. */
public enum Capability {
  TRACE_INGESTION("TraceIngestion"),
  QUERY_EXECUTION("QueryExecution"),
  ROUTING("Routing"),
  STORAGE("Storage");

  private final String text;

  Capability(String text) {
    this.text = text;
  }

  /** The word in the catalog's {@code capabilities} column. */
  public String text() {
    return text;
  }
}
