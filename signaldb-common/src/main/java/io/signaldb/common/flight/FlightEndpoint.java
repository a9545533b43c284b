package io.signaldb.common.flight;

import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.auth.Caller;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.lifecycle.Component;
import org.apache.arrow.flight.FlightProducer;
import org.apache.arrow.memory.BufferAllocator;

/** A Flight server that authenticates every call before the producer sees it. */
public final class FlightEndpoint implements Component {

  /**
   * @param name for threads and logs
   * @param bind address and port to listen on; port 0 takes a free one
   * @param allocator owned by the caller; close it after this
   * @param maxMessageBytes larger messages are refused with RESOURCE_EXHAUSTED
   */
  public FlightEndpoint(
      String name,
      HostAndPort bind,
      FlightProducer producer,
      Authenticator authenticator,
      BufferAllocator allocator,
      int maxMessageBytes) {}

  /** Who makes a call, for use in a producer. */
  public static Caller caller(FlightProducer.CallContext context) {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** The port listened on; only after start. */
  public int port() {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** Where it listens; only after start. */
  public HostAndPort address() {
    throw new UnsupportedOperationException("not implemented yet");
  }

  @Override
  public void close() {}
}
