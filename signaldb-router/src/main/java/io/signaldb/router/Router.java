package io.signaldb.router;

import io.signaldb.common.config.RouterConfig;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.flight.SearchResult;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.router.flight.RouterFlightProducer;
import io.signaldb.router.query.MetricsTickets;
import io.signaldb.router.query.QuerierClient;
import io.signaldb.router.sql.FlightSqlService;
import io.signaldb.router.tempo.StreamingQuerier;
import io.signaldb.router.tempo.TempoApi;
import io.signaldb.router.tempo.TempoQueries;
import org.apache.arrow.memory.BufferAllocator;

/** The gateway: HTTP and Flight in, query tickets to a live Querier out. */
public final class Router implements Component {
  private final HttpEndpoint http;
  private final FlightEndpoint flight;
  private final Component parts;

  Router(SignalDbConfig config, ServiceContext context) {
    RouterConfig router = config.router();
    TableSchema traces = context.schemas().table("traces");
    var querier =
        new QuerierClient(context.registry(), context.flightClients(), router.queryTimeout());
    var queries =
        new TempoQueries(
            querier,
            new MetricsTickets(context.clock(), router.metricsEndCutoff()),
            traces.attributes());
    var tempo = new TempoApi(context.authenticator(), queries);
    var streaming = new StreamingQuerier(context.authenticator(), queries);
    this.http =
        new HttpEndpoint(
            router,
            server -> {
              context.addOpsEndpoints(server, querier::requireLive);
              tempo.addTo(server);
              streaming.addTo(server);
            },
            context.meters());
    BufferAllocator allocator = context.childAllocator("router-sql");
    var sql = new FlightSqlService(querier, config.sql(), context.schemas().tables(), allocator);
    this.flight =
        context.flightEndpoint(
            "router",
            router.bind(),
            router.flightPort(),
            new RouterFlightProducer(
                querier, router.queryTimeout(), traces.storageArrow(), SearchResult.SCHEMA, sql));
    this.parts =
        Component.sequence(
            allocator::close, http, flight, context.register(ServiceType.ROUTER, flight::address));
  }

  @Override
  public void start() throws Exception {
    parts.start();
  }

  @Override
  public void close() {
    parts.close();
  }

  /** Port of the HTTP API; only after start. */
  public int httpPort() {
    return http.port();
  }

  /** Port of Flight; only after start. */
  public int flightPort() {
    return flight.port();
  }
}
