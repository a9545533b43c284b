package io.signaldb.common.discovery;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A running service as the catalog knows it.
 *
 * @param id new at every start
 * @param host where to reach it, an IPv6 address without brackets
 * @param lastSeen its last heartbeat, by its own clock
 * @param backlog batches it has acknowledged and not yet handed on; more than none in an Acceptor
 *     means that answers may miss rows
 */
public record ServiceInstance(
    UUID id,
    ServiceType type,
    String host,
    int port,
    List<Capability> capabilities,
    Instant lastSeen,
    long backlog) {
  public ServiceInstance {
    capabilities = List.copyOf(capabilities);
  }

  public HostAndPort address() {
    return new HostAndPort(host, port);
  }
}
