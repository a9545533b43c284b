package io.signaldb.common.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.auth.Credentials;
import io.signaldb.common.discovery.Capability;
import io.signaldb.common.discovery.ServiceInstance;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.lifecycle.Component;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceContextTest {
  @TempDir Path directory;

  @Test
  void findsARegisteredServiceAndCallsItOverFlight() throws Exception {
    try (ServiceContext context = TestServices.start(TestServices.config(directory, Map.of()))) {
      FlightEndpoint endpoint = context.flightEndpoint("echo", "127.0.0.1", 0, new EchoTenant());
      Component registration = context.register(ServiceType.QUERIER, endpoint::address);
      try (Component service = Component.sequence(endpoint, registration)) {
        service.start();
        ServiceInstance found = context.registry().next(Capability.QUERY_EXECUTION).orElseThrow();
        FlightClient client = context.flightClients().client(found.host(), found.port());
        var tenant = context.authenticator().authenticate(new Credentials(null, null, null));
        Result result =
            client
                .doAction(new Action("whoami"), context.flightClients().callOptions(tenant))
                .next();
        assertThat(new String(result.getBody(), StandardCharsets.UTF_8)).isEqualTo("default");
      }
      assertThat(context.registry().liveNow(Capability.QUERY_EXECUTION)).isEmpty();
    }
  }

  private static final class EchoTenant extends NoOpFlightProducer {
    @Override
    public void doAction(CallContext context, Action action, StreamListener<Result> listener) {
      String tenant = FlightEndpoint.caller(context).tenant().tenantId();
      listener.onNext(new Result(tenant.getBytes(StandardCharsets.UTF_8)));
      listener.onCompleted();
    }
  }
}
