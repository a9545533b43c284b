package io.signaldb.router.query;

import io.signaldb.common.discovery.Capability;
import io.signaldb.common.discovery.ServiceInstance;
import io.signaldb.common.discovery.ServiceRegistry;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.FlightClientPool;
import io.signaldb.common.flight.FlightErrors;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.tenant.TenantContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.CallOptions;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;
import org.jspecify.annotations.Nullable;

/**
 * Asks live Queriers, in turn. A call ends early when the {@link io.grpc.Context} it is made in is
 * cancelled. Safe for use by many threads.
 */
public final class QuerierClient {
  private final ServiceRegistry registry;
  private final FlightClientPool clients;
  private final Duration timeout;

  /**
   * @param timeout of one question with its whole answer
   */
  public QuerierClient(ServiceRegistry registry, FlightClientPool clients, Duration timeout) {
    this.registry = registry;
    this.clients = clients;
    this.timeout = timeout;
  }

  /**
   * Sends a ticket to a Querier and returns once the answer begins; one that cannot be reached is
   * passed over.
   *
   * @return the caller closes it
   * @throws SignalDbException UNAVAILABLE if no Querier can be reached, else what the Querier
   *     answered
   */
  public Answer ask(TenantContext tenant, QueryTicket ticket) {
    return ask(tenant, ticket, timeout);
  }

  /**
   * As {@link #ask(TenantContext, QueryTicket)}.
   *
   * @param limit of this question with its whole answer
   */
  public Answer ask(TenantContext tenant, QueryTicket ticket, Duration limit) {
    Set<UUID> tried = new HashSet<>();
    SignalDbException failure = null;
    while (true) {
      Optional<ServiceInstance> querier = next();
      if (querier.isEmpty() || !tried.add(querier.get().id())) {
        throw unavailable(failure);
      }
      try {
        return open(querier.get(), tenant, ticket, limit);
      } catch (SignalDbException e) {
        if (e.code() != ErrorCode.UNAVAILABLE) {
          throw e;
        }
        registry.failed(querier.get());
        failure = e;
      }
    }
  }

  /**
   * Checks, in the catalog, that there is a Querier to ask.
   *
   * @throws SignalDbException UNAVAILABLE if there is none or the catalog cannot be read
   */
  public void requireLive() {
    if (registry.liveNow(Capability.QUERY_EXECUTION).isEmpty()) {
      throw unavailable(null);
    }
  }

  private Optional<ServiceInstance> next() {
    Optional<ServiceInstance> querier = registry.next(Capability.QUERY_EXECUTION);
    if (querier.isEmpty() && !registry.liveNow(Capability.QUERY_EXECUTION).isEmpty()) {
      return registry.next(Capability.QUERY_EXECUTION); // one started since the last look
    }
    return querier;
  }

  private Answer open(
      ServiceInstance querier, TenantContext tenant, QueryTicket ticket, Duration limit) {
    CallOption[] pooled = clients.callOptions(tenant);
    CallOption[] options = Arrays.copyOf(pooled, pooled.length + 1);
    options[pooled.length] = CallOptions.timeout(limit.toMillis(), TimeUnit.MILLISECONDS);
    try {
      FlightStream stream =
          clients.client(querier.address()).getStream(new Ticket(ticket.toBytes()), options);
      return Answer.open(stream);
    } catch (FlightRuntimeException e) {
      throw FlightErrors.fromFlight(e);
    }
  }

  private static SignalDbException unavailable(@Nullable SignalDbException cause) {
    return cause == null
        ? new SignalDbException(
            ErrorCode.UNAVAILABLE,
            "No Querier is running: start one that uses the same [discovery] database, then retry")
        : new SignalDbException(
            ErrorCode.UNAVAILABLE, "No Querier can be reached: " + cause.getMessage(), cause);
  }
}
