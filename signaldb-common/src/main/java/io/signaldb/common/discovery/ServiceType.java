package io.signaldb.common.discovery;

import java.util.List;

/** The services and what each can do; the text is what the service catalog holds. */
public enum ServiceType {
  ACCEPTOR("Acceptor", Capability.TRACE_INGESTION),
  WRITER("Writer", Capability.TRACE_INGESTION, Capability.STORAGE),
  ROUTER("Router", Capability.ROUTING),
  QUERIER("Querier", Capability.QUERY_EXECUTION);

  private final String text;
  private final List<Capability> capabilities;

  ServiceType(String text, Capability... capabilities) {
    this.text = text;
    this.capabilities = List.of(capabilities);
  }

  /** The word in the catalog's {@code service_type} column. */
  public String text() {
    return text;
  }

  public List<Capability> capabilities() {
    return capabilities;
  }
}
