package io.signaldb.common.discovery;

import java.util.List;

/** The services and what each can do; the text is what the service catalog holds. */
public enum ServiceType {
  ACCEPTOR("Acceptor"),
  WRITER("Writer"),
  ROUTER("Router"),
  QUERIER("Querier");

  private final String text;

  ServiceType(String text) {
    this.text = text;
  }

  /** The word in the catalog's {@code service_type} column. */
  public String text() {
    return text;
  }

  public List<Capability> capabilities() {
    return switch (this) {
      case ACCEPTOR -> List.of(Capability.TRACE_INGESTION);
      case WRITER -> List.of(Capability.TRACE_INGESTION, Capability.STORAGE);
      case ROUTER -> List.of(Capability.ROUTING);
      case QUERIER -> List.of(Capability.QUERY_EXECUTION);
    };
  }
}
