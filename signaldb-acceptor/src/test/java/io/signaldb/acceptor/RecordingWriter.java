package io.signaldb.acceptor;

import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.discovery.ServiceType;
import io.signaldb.common.flight.BatchId;
import io.signaldb.common.flight.BatchReply;
import io.signaldb.common.flight.FlightEndpoint;
import io.signaldb.common.flight.WriteBatch;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightProducer.StreamListener;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/** A Writer that speaks the real protocol, keeps what it gets, and answers as it is told. */
final class RecordingWriter implements Component {
  private final List<WriteBatch> batches = new CopyOnWriteArrayList<>();
  private final List<List<String>> descriptors = new CopyOnWriteArrayList<>();
  private final AtomicInteger streams = new AtomicInteger();
  private final Set<StreamListener<PutResult>> open = ConcurrentHashMap.newKeySet();
  private final BufferAllocator allocator;
  private final FlightEndpoint endpoint;
  private final Component parts;
  private volatile Function<BatchId, Optional<BatchReply>> answer =
      id -> Optional.of(BatchReply.ok(id));
  private volatile boolean broken;
  private boolean closed;

  /** Listens on a port and registers; 0 takes a free port. */
  RecordingWriter(ServiceContext context, int port) {
    allocator = context.childAllocator("recording-writer");
    endpoint = context.flightEndpoint("writer", "127.0.0.1", port, new Producer());
    parts = Component.sequence(endpoint, context.register(ServiceType.WRITER, endpoint::address));
  }

  /** Empty leaves a batch unanswered. */
  void answers(Function<BatchId, Optional<BatchReply>> answers) {
    answer = answers;
  }

  /** From the next batch on, ends the stream instead of answering. */
  void breaksStreams(boolean value) {
    broken = value;
  }

  List<WriteBatch> batches() {
    return batches;
  }

  List<BatchId> ids() {
    return batches.stream().map(batch -> batch.header().batchId()).toList();
  }

  int rows() {
    return batches.stream().mapToInt(batch -> batch.header().rows()).sum();
  }

  int streams() {
    return streams.get();
  }

  List<List<String>> descriptors() {
    return descriptors;
  }

  HostAndPort address() {
    return endpoint.address();
  }

  /** As if it had died: stays registered, and no one answers at its port. */
  void stopListening() {
    endStreams();
    endpoint.close();
  }

  private void endStreams() {
    for (StreamListener<PutResult> replies : List.copyOf(open)) {
      if (open.remove(replies)) {
        replies.onCompleted();
      }
    }
  }

  void forget() {
    batches.clear();
  }

  @Override
  public void start() throws Exception {
    parts.start();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      endStreams();
      parts.close();
      allocator.close();
    }
  }

  private final class Producer extends NoOpFlightProducer {
    @Override
    public Runnable acceptPut(
        CallContext context, FlightStream stream, StreamListener<PutResult> replies) {
      return () -> {
        streams.incrementAndGet();
        descriptors.add(stream.getDescriptor().getPath());
        open.add(replies);
        while (next(stream)) {
          WriteBatch batch = WriteBatch.decode(copy(stream.getLatestMetadata()));
          batches.add(batch);
          if (broken) {
            open.remove(replies);
            replies.onError(
                CallStatus.INTERNAL.withDescription("broken on purpose").toRuntimeException());
            return;
          }
          answer.apply(batch.header().batchId()).ifPresent(reply -> send(reply, replies));
        }
        if (open.remove(replies)) {
          replies.onCompleted();
        }
      };
    }

    /** False at the end, also when the caller is gone. */
    private boolean next(FlightStream stream) {
      try {
        return stream.next();
      } catch (FlightRuntimeException e) {
        return false;
      }
    }

    private void send(BatchReply reply, StreamListener<PutResult> replies) {
      byte[] bytes = reply.toBytes();
      ArrowBuf metadata = allocator.buffer(bytes.length);
      metadata.writeBytes(bytes);
      try (PutResult result = PutResult.metadata(metadata)) {
        replies.onNext(result);
      }
    }

    private ByteBuffer copy(ArrowBuf metadata) {
      byte[] bytes = new byte[(int) metadata.readableBytes()];
      metadata.getBytes(metadata.readerIndex(), bytes);
      return ByteBuffer.wrap(bytes);
    }
  }
}
