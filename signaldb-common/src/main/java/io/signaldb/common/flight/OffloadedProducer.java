package io.signaldb.common.flight;

import io.grpc.Context;
import java.util.concurrent.Executor;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.ActionType;
import org.apache.arrow.flight.Criteria;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightProducer;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.PollInfo;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.SchemaResult;
import org.apache.arrow.flight.Ticket;

/**
 * Runs {@code do_get} on a thread of its own. On the thread of the call, as Flight does it, a
 * producer that waits for its client blocks the very callbacks that would wake it.
 */
final class OffloadedProducer implements FlightProducer {
  private final FlightProducer producer;
  private final Executor executor;

  OffloadedProducer(FlightProducer producer, Executor executor) {
    this.producer = producer;
    this.executor = executor;
  }

  @Override
  public void getStream(CallContext context, Ticket ticket, ServerStreamListener listener) {
    // In the gRPC context of the call, which knows the caller and ends with the call.
    executor.execute(
        Context.current()
            .wrap(
                () -> {
                  try {
                    producer.getStream(context, ticket, listener);
                  } catch (RuntimeException | Error e) {
                    listener.error(FlightErrors.toFlight(e));
                  }
                }));
  }

  @Override
  public void listFlights(
      CallContext context, Criteria criteria, StreamListener<FlightInfo> listener) {
    producer.listFlights(context, criteria, listener);
  }

  @Override
  public FlightInfo getFlightInfo(CallContext context, FlightDescriptor descriptor) {
    return producer.getFlightInfo(context, descriptor);
  }

  @Override
  public PollInfo pollFlightInfo(CallContext context, FlightDescriptor descriptor) {
    return producer.pollFlightInfo(context, descriptor);
  }

  @Override
  public SchemaResult getSchema(CallContext context, FlightDescriptor descriptor) {
    return producer.getSchema(context, descriptor);
  }

  @Override
  public Runnable acceptPut(
      CallContext context, FlightStream stream, StreamListener<PutResult> acknowledgements) {
    return producer.acceptPut(context, stream, acknowledgements);
  }

  @Override
  public void doExchange(CallContext context, FlightStream reader, ServerStreamListener listener) {
    producer.doExchange(context, reader, listener);
  }

  @Override
  public void doAction(CallContext context, Action action, StreamListener<Result> listener) {
    producer.doAction(context, action, listener);
  }

  @Override
  public void listActions(CallContext context, StreamListener<ActionType> listener) {
    producer.listActions(context, listener);
  }
}
