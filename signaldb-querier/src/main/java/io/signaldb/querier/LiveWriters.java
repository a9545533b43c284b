package io.signaldb.querier;

import io.signaldb.common.discovery.Capability;
import io.signaldb.common.discovery.ServiceInstance;
import io.signaldb.common.discovery.ServiceRegistry;
import io.signaldb.common.flight.FlightClientPool;
import io.signaldb.querier.read.WriterStreams;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.CallOptions;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;

/** The Writers that the service catalog lists, over pooled connections. Thread-safe. */
final class LiveWriters implements WriterStreams {
  private final ServiceRegistry registry;
  private final FlightClientPool clients;
  private final Duration timeout;

  /**
   * @param timeout of one stream from begin to end
   */
  LiveWriters(ServiceRegistry registry, FlightClientPool clients, Duration timeout) {
    this.registry = registry;
    this.clients = clients;
    this.timeout = timeout;
  }

  /** Read from the catalog now: a Writer that has just started may hold the newest rows. */
  @Override
  public List<ServiceInstance> live() {
    return registry.liveNow(Capability.TRACE_INGESTION);
  }

  @Override
  public FlightStream open(ServiceInstance writer, Ticket ticket) {
    CallOption[] pooled = clients.streamOptions();
    CallOption[] options = Arrays.copyOf(pooled, pooled.length + 1);
    options[pooled.length] = CallOptions.timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    return clients.client(writer.address()).getStream(ticket, options);
  }

  @Override
  public void failed(ServiceInstance writer) {
    registry.failed(writer);
  }
}
