package io.signaldb.common.discovery;

import java.util.List;
import java.util.Optional;

/** Who is alive, read from the service catalog. Safe for use by many threads. */
public final class ServiceRegistry {

  /** Live services with a capability, oldest registration first; at most the poll interval old. */
  public List<ServiceInstance> live(Capability capability) {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** As {@link #live}, read from the catalog now. */
  public List<ServiceInstance> liveNow(Capability capability) {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /**
   * The next service to use, round robin; one that {@linkplain #failed failed} a moment ago is
   * passed over while there are others. Empty if none is alive.
   */
  public Optional<ServiceInstance> next(Capability capability) {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** Tells that a service could not be reached. */
  public void failed(ServiceInstance instance) {
    throw new UnsupportedOperationException("not implemented yet");
  }
}
