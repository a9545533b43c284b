package io.signaldb.router;

import io.grpc.Context;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.AnswerSummary;
import io.signaldb.common.flight.FlightErrors;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SqlDescription;
import io.signaldb.common.lifecycle.Component;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/** A Flight server that answers every ticket with the rows a test sets. */
final class FakeQuerier implements Component {
  private static final AnswerSummary COMPLETE = new AnswerSummary(7, 1234, null);

  private final BlockingQueue<QueryTicket> asked = new LinkedBlockingQueue<>();
  private final Semaphore cancelled = new Semaphore(0);
  private final BufferAllocator allocator;
  private final FlightServer server;
  private volatile Script script = (ticket, answer) -> {};

  FakeQuerier(BufferAllocator allocator) {
    this.allocator = allocator;
    this.server =
        FlightServer.builder(allocator, Location.forGrpcInsecure("127.0.0.1", 0), new Producer())
            .build();
  }

  /** What to answer a ticket with. */
  @FunctionalInterface
  interface Script {
    void answer(QueryTicket ticket, Reply reply);
  }

  void script(Script next) {
    script = next;
  }

  /** Answers every ticket with one batch. */
  void answer(Schema schema, List<Map<String, Object>> rows) {
    answer(schema, rows, COMPLETE);
  }

  void answer(Schema schema, List<Map<String, Object>> rows, AnswerSummary summary) {
    script = (ticket, reply) -> reply.send(schema, rows, summary);
  }

  void fail(SignalDbException failure) {
    script =
        (ticket, reply) -> {
          throw failure;
        };
  }

  /** The ticket asked longest ago that was not taken yet; null if there is none. */
  QueryTicket takeTicket() {
    return asked.poll();
  }

  void forgetTickets() {
    asked.clear();
  }

  /** One permit for each hanging call that its client has cancelled. */
  Semaphore cancelled() {
    return cancelled;
  }

  HostAndPort address() {
    return new HostAndPort("127.0.0.1", server.getPort());
  }

  @Override
  public void start() throws IOException {
    server.start();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends rows to the client. */
  final class Reply {
    private final ServerStreamListener listener;

    private Reply(ServerStreamListener listener) {
      this.listener = listener;
    }

    void send(Schema schema, List<Map<String, Object>> rows, AnswerSummary summary) {
      sendEach(schema, List.of(() -> rows), summary);
    }

    /** Sends batches, each as soon as it can be had. */
    void sendEach(
        Schema schema, List<Callable<List<Map<String, Object>>>> batches, AnswerSummary summary) {
      try (VectorSchemaRoot batch = VectorSchemaRoot.create(schema, allocator)) {
        listener.start(batch);
        for (Callable<List<Map<String, Object>>> rows : batches) {
          Rows.fill(batch, rows.call());
          listener.putNext();
        }
        byte[] bytes = summary.toBytes();
        ArrowBuf metadata = allocator.buffer(bytes.length);
        metadata.writeBytes(bytes);
        listener.putMetadata(metadata);
        listener.completed();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    void describe(SqlDescription description) {
      try (VectorSchemaRoot row = description.toArrow(allocator)) {
        listener.start(row);
        listener.putNext();
        listener.completed();
      }
    }

    /** Begins the answer and goes on only when the client cancels. */
    void hang(Schema schema) {
      CountDownLatch call = new CountDownLatch(1);
      Context.current()
          .addListener(context -> call.countDown(), Runnable::run); // told while this thread waits
      try (VectorSchemaRoot batch = VectorSchemaRoot.create(schema, allocator)) {
        listener.start(batch);
        call.await();
        cancelled.release();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final class Producer extends NoOpFlightProducer {
    @Override
    public void getStream(CallContext context, Ticket ticket, ServerStreamListener listener) {
      try {
        QueryTicket parsed = QueryTicket.parse(ticket.getBytes());
        asked.add(parsed);
        script.answer(parsed, new Reply(listener));
      } catch (SignalDbException e) {
        listener.error(FlightErrors.toFlight(e));
      }
    }
  }
}
