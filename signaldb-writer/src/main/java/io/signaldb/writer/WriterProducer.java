package io.signaldb.writer;

import io.signaldb.common.auth.Caller;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.flight.FlightErrors;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.WriteBatch;
import java.util.List;
import org.apache.arrow.flight.Action;
import org.apache.arrow.flight.ActionType;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The Writer's Flight service: {@code do_put} takes batches, {@code do_get} serves {@code fresh:}
 * tickets, the action {@code flush} commits what waits and is for operators.
 */
final class WriterProducer extends NoOpFlightProducer {
  private static final ActionType FLUSH =
      new ActionType(
          "flush",
          "Commits the uncommitted rows of all tenants; for operators; no body, no result.");

  private final BatchIntake intake;
  private final FreshRows freshRows;
  private final CommitLoop commits;
  private final BufferAllocator allocator;

  /**
   * @param allocator borrowed
   */
  WriterProducer(
      BatchIntake intake, FreshRows freshRows, CommitLoop commits, BufferAllocator allocator) {
    this.intake = intake;
    this.freshRows = freshRows;
    this.commits = commits;
    this.allocator = allocator;
  }

  @Override
  public Runnable acceptPut(
      CallContext context, FlightStream stream, StreamListener<PutResult> replies) {
    Caller caller = FlightEndpoint.caller(context);
    return () -> {
      try {
        if (WriteBatch.DESCRIPTOR_PATH.equals(path(stream.getDescriptor()))) {
          new BatchStream(intake, caller, allocator, replies).run(stream);
        } else {
          new ArrowPut(intake, caller).run(stream);
          replies.onCompleted();
        }
      } catch (Exception e) {
        replies.onError(FlightErrors.toFlight(e));
      }
    };
  }

  @Override
  public void getStream(CallContext context, Ticket ticket, ServerStreamListener listener) {
    try {
      Caller caller = FlightEndpoint.caller(context);
      QueryTicket parsed = QueryTicket.parse(ticket.getBytes());
      if (!(parsed instanceof QueryTicket.Fresh fresh)) {
        throw new SignalDbException(
            ErrorCode.INVALID_ARGUMENT,
            "A Writer does not serve %s tickets: expected fresh".formatted(parsed.kind()));
      }
      caller.requireAccess(parsed.tenantSlug(), parsed.datasetSlug());
      freshRows.serve(fresh, listener);
    } catch (Exception e) {
      listener.error(FlightErrors.toFlight(e));
    }
  }

  @Override
  public void doAction(CallContext context, Action action, StreamListener<Result> listener) {
    try {
      if (!action.getType().equals(FLUSH.getType())) {
        throw new SignalDbException(
            ErrorCode.UNIMPLEMENTED,
            "Unknown action '%s': expected %s".formatted(action.getType(), FLUSH.getType()));
      }
      FlightEndpoint.caller(context).requireOperator("the action 'flush'");
      commits.flush();
      listener.onCompleted();
    } catch (Exception e) {
      listener.onError(FlightErrors.toFlight(e));
    }
  }

  @Override
  public void listActions(CallContext context, StreamListener<ActionType> listener) {
    listener.onNext(FLUSH);
    listener.onCompleted();
  }

  private static List<String> path(FlightDescriptor descriptor) {
    return descriptor.isCommand() ? List.of() : descriptor.getPath();
  }
}
