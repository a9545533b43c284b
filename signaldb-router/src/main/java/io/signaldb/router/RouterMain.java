package io.signaldb.router;

import io.signaldb.common.config.RouterConfig;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.flight.SearchResult;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.ServiceRunner;
import io.signaldb.router.flight.RouterFlightProducer;
import io.signaldb.router.query.QuerierClient;
import io.signaldb.router.tempo.TempoApi;
import io.signaldb.router.tempo.TempoQueries;

/** The Router as a process of its own. */
public final class RouterMain {
  private RouterMain() {}

  public static void main(String[] args) {
    ServiceRunner.run("router", args, RouterMain::assemble);
  }

  /** Wires the Router; order is start order, close runs in reverse. The monolith calls this too. */
  public static Component assemble(SignalDbConfig config, ServiceContext context) {
    RouterConfig router = config.router();
    TableSchema traces = Schemas.load().table("traces");
    var querier =
        new QuerierClient(context.registry(), context.flightClients(), router.queryTimeout());
    var tempo =
        new TempoApi(context.authenticator(), new TempoQueries(querier, traces.attributes()));
    var operations = new OperationalApi(context.registry(), context.meters());
    var http = new HttpEndpoint(router, tempo, operations);
    FlightEndpoint flight =
        context.flightEndpoint(
            "router",
            router.bind(),
            router.flightPort(),
            new RouterFlightProducer(
                querier, router.queryTimeout(), traces.storageArrow(), SearchResult.SCHEMA));
    return Component.sequence(http, flight, context.register(ServiceType.ROUTER, flight::address));
  }
}
