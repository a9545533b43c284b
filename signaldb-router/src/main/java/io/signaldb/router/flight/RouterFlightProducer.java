package io.signaldb.router.flight;

import com.linecorp.armeria.common.QueryParams;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.ClientFlow;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.flight.FlightErrors;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.tenant.TenantContext;
import io.signaldb.router.query.Answer;
import io.signaldb.router.query.Parameters;
import io.signaldb.router.query.QuerierClient;
import io.signaldb.router.query.Tickets;
import io.signaldb.router.sql.FlightSqlService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.ActionType;
import org.apache.arrow.flight.Criteria;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.SchemaResult;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The Router's Flight service. Commands and tickets are {@code name[?key=value&…]}, with the
 * parameters of Tempo's HTTP API, URL-encoded where they hold {@code & % +}:
 *
 * <ul>
 *   <li>{@code trace_by_id?id=<trace id>}: the spans of a trace, in storage columns
 *   <li>{@code traces?q=<TraceQL>&limit=…}: the spans of the newest matching traces, in the order
 *       they are found, as {@link io.signaldb.common.flight.SearchResult}
 * </ul>
 *
 * <p>Commands and tickets of Flight SQL go to {@link FlightSqlService}.
 *
 * <p>Rows are those of the Querier, passed on batch by batch. Safe for use by many threads.
 */
public final class RouterFlightProducer extends NoOpFlightProducer {
  private static final long UNKNOWN = -1;

  private final QuerierClient querier;
  private final Duration timeout;
  private final Schema spans;
  private final Schema searchResult;
  private final FlightSqlService sql;

  /**
   * @param timeout of a client that does not read on
   * @param spans schema of {@code trace_by_id}
   * @param searchResult schema of {@code traces}
   */
  public RouterFlightProducer(
      QuerierClient querier,
      Duration timeout,
      Schema spans,
      Schema searchResult,
      FlightSqlService sql) {
    this.querier = querier;
    this.timeout = timeout;
    this.spans = spans;
    this.searchResult = searchResult;
    this.sql = sql;
  }

  /** The part before the question mark, and the parameters after it. */
  private record Command(String name, Parameters parameters) {
    static Command parse(byte[] bytes) {
      String text = new String(bytes, StandardCharsets.UTF_8);
      int mark = text.indexOf('?');
      return mark < 0
          ? new Command(text, new Parameters(QueryParams.of()))
          : new Command(
              text.substring(0, mark),
              new Parameters(QueryParams.fromQueryString(text.substring(mark + 1))));
    }
  }

  @Override
  public void listFlights(
      CallContext context, Criteria criteria, StreamListener<FlightInfo> listener) {
    for (String command : List.of("traces", "trace_by_id")) {
      listener.onNext(info(FlightDescriptor.command(command.getBytes(StandardCharsets.UTF_8))));
    }
    listener.onCompleted();
  }

  @Override
  public FlightInfo getFlightInfo(CallContext context, FlightDescriptor descriptor) {
    try {
      return isSql(descriptor) ? sql.getFlightInfo(context, descriptor) : info(descriptor);
    } catch (SignalDbException e) {
      throw FlightErrors.toFlight(e);
    }
  }

  @Override
  public SchemaResult getSchema(CallContext context, FlightDescriptor descriptor) {
    try {
      return isSql(descriptor)
          ? sql.getSchema(context, descriptor)
          : new SchemaResult(schema(command(descriptor)));
    } catch (SignalDbException e) {
      throw FlightErrors.toFlight(e);
    }
  }

  @Override
  public void listActions(CallContext context, StreamListener<ActionType> listener) {
    sql.listActions(context, listener);
  }

  @Override
  public void doAction(CallContext context, Action action, StreamListener<Result> listener) {
    try {
      sql.doAction(context, action, listener);
    } catch (RuntimeException e) {
      listener.onError(FlightErrors.toFlight(e));
    }
  }

  @Override
  public Runnable acceptPut(
      CallContext context, FlightStream stream, StreamListener<PutResult> acknowledgements) {
    if (!isSql(stream.getDescriptor())) {
      return super.acceptPut(context, stream, acknowledgements);
    }
    Runnable put = sql.acceptPut(context, stream, acknowledgements);
    return () -> {
      try {
        put.run();
      } catch (RuntimeException e) {
        acknowledgements.onError(FlightErrors.toFlight(e));
      }
    };
  }

  private static boolean isSql(FlightDescriptor descriptor) {
    return descriptor.isCommand() && FlightSqlService.takes(descriptor.getCommand());
  }

  private FlightInfo info(FlightDescriptor descriptor) {
    byte[] command = command(descriptor);
    var endpoint = new org.apache.arrow.flight.FlightEndpoint(new Ticket(command));
    return new FlightInfo(schema(command), descriptor, List.of(endpoint), UNKNOWN, UNKNOWN);
  }

  private static byte[] command(FlightDescriptor descriptor) {
    if (!descriptor.isCommand() || descriptor.getCommand().length == 0) {
      throw invalid("No command provided: expected traces or trace_by_id");
    }
    return descriptor.getCommand();
  }

  private Schema schema(byte[] command) {
    String name = Command.parse(command).name;
    return switch (name) {
      case "traces" -> searchResult;
      case "trace_by_id" -> spans;
      default -> throw unknown(name);
    };
  }

  private static QueryTicket ticket(TenantContext tenant, Ticket ticket) {
    Command command = Command.parse(ticket.getBytes());
    return switch (command.name) {
      case "traces" -> Tickets.search(tenant, command.parameters);
      case "trace_by_id" -> {
        String id = command.parameters.text("id");
        if (id == null) {
          throw invalid("trace_by_id without id: expected trace_by_id?id=<trace id>");
        }
        yield Tickets.findTrace(tenant, id, command.parameters);
      }
      default -> throw unknown(command.name);
    };
  }

  private static SignalDbException unknown(String name) {
    return invalid("Unknown query type: '%s', expected traces or trace_by_id".formatted(name));
  }

  private static SignalDbException invalid(String message) {
    return new SignalDbException(ErrorCode.INVALID_ARGUMENT, message);
  }

  @Override
  public void getStream(CallContext context, Ticket ticket, ServerStreamListener listener) {
    // The query is asked in the gRPC context of this call and is cancelled with it.
    try {
      if (FlightSqlService.takes(ticket.getBytes())) {
        sql.getStream(context, ticket, listener);
        return;
      }
      var flow = new ClientFlow(listener, timeout, () -> {});
      TenantContext tenant = FlightEndpoint.caller(context).tenant();
      try (Answer answer = querier.ask(tenant, ticket(tenant, ticket))) {
        answer.passTo(listener, flow);
      }
    } catch (RuntimeException e) {
      listener.error(FlightErrors.toFlight(e));
    }
  }
}
