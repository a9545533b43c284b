package io.signaldb.querier.read;

import io.signaldb.common.discovery.ServiceInstance;
import java.util.List;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;

/** The way to the Writers. Thread-safe. */
public interface WriterStreams {
  /** Writers and Acceptors alive now. */
  List<ServiceInstance> live();

  /** Begins a {@code do_get}; returns without waiting for the answer. The caller closes it. */
  FlightStream open(ServiceInstance writer, Ticket ticket);

  /** Tells that a Writer could not be reached. */
  void failed(ServiceInstance writer);
}
