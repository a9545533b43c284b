package io.signaldb.acceptor.forward;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.signaldb.common.discovery.HostAndPort;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.BatchId;
import io.signaldb.common.flight.BatchReply;
import io.signaldb.common.flight.WriteBatch;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.apache.arrow.flight.impl.Flight.FlightDescriptor;
import org.apache.arrow.flight.impl.Flight.PutResult;
import org.apache.arrow.flight.impl.FlightServiceGrpc;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The long-lived {@code do_put} to one Writer, opened again when it breaks while batches wait for
 * it. Thread-safe.
 *
 * <p>Speaks gRPC with Flight's own message classes: Arrow's Flight client would spin on a processor
 * while the stream is not ready, and copy each batch three times.
 */
final class WriterStream implements WriterLink {
  private static final Logger log = LoggerFactory.getLogger(WriterStream.class);

  /** Bytes waiting for the network below which another batch is written. */
  private static final int READY_BYTES = 1 << 20;

  private static final long MIN_BACKOFF_MILLIS = 100;
  private static final long MAX_BACKOFF_MILLIS = 2000;

  /** How a server ends a call before it looks at any message. */
  private static final Set<Status.Code> REFUSALS =
      EnumSet.of(
          Status.Code.UNAUTHENTICATED, Status.Code.PERMISSION_DENIED, Status.Code.UNIMPLEMENTED);

  private static final FlightData OPENING = opening();

  private final HostAndPort address;
  private final ManagedChannel channel;
  private final FlightServiceGrpc.FlightServiceStub stub;
  private final ScheduledExecutorService threads;
  private final Object lock = new Object();

  /** Not given to the network since the stream was opened. */
  @GuardedBy("lock")
  private Map<BatchId, Entry> queued = new LinkedHashMap<>();

  /** Given to the network, not answered. */
  @GuardedBy("lock")
  private final Map<BatchId, Entry> sent = new LinkedHashMap<>();

  @GuardedBy("lock")
  private long windowBytes;

  @GuardedBy("lock")
  private @Nullable Call call;

  @GuardedBy("lock")
  private int failures;

  @GuardedBy("lock")
  private long retryAtNanos;

  @GuardedBy("lock")
  private long lastReplyNanos;

  @GuardedBy("lock")
  private boolean closed;

  /**
   * A batch of this stream.
   *
   * @param elsewhere run when the batch certainly has not reached this Writer and will not
   * @param maybeThere whether an earlier stream may have delivered it
   */
  private record Entry(PendingBatch batch, Runnable elsewhere, boolean maybeThere, long sentNanos) {
    Entry sentNow() {
      return new Entry(batch, elsewhere, maybeThere, System.nanoTime());
    }

    Entry perhapsDelivered() {
      return new Entry(batch, elsewhere, true, 0);
    }
  }

  /**
   * Connects to nothing yet.
   *
   * @param authorization header shown to the Writer; null when it asks for none
   * @param threads runs what the stream reports; not blocked by it
   */
  WriterStream(
      HostAndPort address,
      @Nullable String authorization,
      long maxMessageBytes,
      ScheduledExecutorService threads) {
    this.address = address;
    this.threads = threads;
    this.channel =
        NettyChannelBuilder.forAddress(address.host(), address.port())
            .usePlaintext()
            .disableRetry() // retries are decided here
            .executor(threads)
            .maxInboundMessageSize(Math.toIntExact(maxMessageBytes))
            .build();
    var plain = FlightServiceGrpc.newStub(channel).withOnReadyThreshold(READY_BYTES);
    this.stub =
        authorization == null
            ? plain
            : plain.withInterceptors(
                MetadataUtils.newAttachHeadersInterceptor(headers(authorization)));
  }

  @Override
  public boolean offer(PendingBatch batch, Runnable elsewhere, boolean evenDown) {
    synchronized (lock) {
      long downNanos = call == null && failures > 0 ? retryAtNanos - System.nanoTime() : 0;
      if (closed || windowBytes >= WINDOW_BYTES || (downNanos > 0 && !evenDown)) {
        return false;
      }
      queued.put(batch.id(), new Entry(batch, elsewhere, false, 0));
      windowBytes += batch.bytes();
      if (downNanos > 0) {
        reconnectIn(downNanos);
      } else {
        connect();
        send();
      }
    }
    CompletableFuture<Void> unused =
        batch.outcome().whenComplete((stored, failure) -> forget(batch, failure != null));
    return true;
  }

  @Override
  public int outstanding() {
    synchronized (lock) {
      return queued.size() + sent.size();
    }
  }

  @Override
  public void close() {
    List<Entry> left = new ArrayList<>();
    synchronized (lock) {
      closed = true;
      left.addAll(sent.values());
      left.addAll(queued.values());
      if (call != null) {
        call.requests().onCompleted();
      }
    }
    left.forEach(entry -> entry.batch().fail(unanswered("the Acceptor stops")));
    channel.shutdown();
    try {
      if (!channel.awaitTermination(2, TimeUnit.SECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** One stream from its opening to its end. */
  private final class Call implements ClientResponseObserver<FlightData, PutResult> {
    private @Nullable ClientCallStreamObserver<FlightData> requests;

    ClientCallStreamObserver<FlightData> requests() {
      if (requests == null) {
        throw new IllegalStateException("the call to " + address + " has not been started");
      }
      return requests;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FlightData> started) {
      requests = started;
      started.setOnReadyHandler(
          () -> {
            synchronized (lock) {
              send();
            }
          });
    }

    @Override
    public void onNext(PutResult result) {
      answered(result.getAppMetadata().toByteArray());
    }

    @Override
    public void onError(Throwable failure) {
      broken(this, Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      broken(this, Status.UNAVAILABLE.withDescription("the Writer ended the stream"));
    }
  }

  @GuardedBy("lock")
  private void connect() {
    if (call == null) {
      Call opened = new Call();
      call = opened;
      stub.doPut(opened);
      opened.requests().onNext(OPENING);
    }
  }

  /** Only a stream that is ready has a connection: what is queued before has not been sent. */
  @GuardedBy("lock")
  private void send() {
    while (call != null && !queued.isEmpty() && call.requests().isReady()) {
      Entry entry = queued.values().iterator().next();
      queued.remove(entry.batch().id());
      sent.put(entry.batch().id(), entry.sentNow());
      call.requests().onNext(entry.batch().message());
    }
  }

  private void answered(byte[] metadata) {
    BatchReply reply;
    try {
      reply = BatchReply.parse(metadata);
    } catch (SignalDbException e) {
      log.warn("Writer {} answered what is no batch reply: {}", address, e.getMessage());
      return;
    }
    Entry entry;
    synchronized (lock) {
      failures = 0;
      lastReplyNanos = System.nanoTime();
      entry = sent.get(reply.batchId());
    }
    SignalDbException failure = reply.failure();
    if (entry == null) {
      log.debug("Writer {} answered {} too late", address, reply.batchId());
    } else if (failure == null) {
      entry.batch().outcome().complete(null);
    } else {
      entry.batch().fail(failure);
    }
  }

  private void forget(PendingBatch batch, boolean failed) {
    Call stuck = null;
    synchronized (lock) {
      Entry entry = sent.remove(batch.id());
      if (entry == null && queued.remove(batch.id()) == null) {
        return;
      }
      windowBytes -= batch.bytes();
      if (failed && entry != null && lastReplyNanos - entry.sentNanos() < 0) {
        stuck = call;
      }
      send();
    }
    if (stuck != null) {
      stuck.requests().cancel("no answer since a batch was sent that has expired", null);
    }
  }

  private void broken(Call ended, Status status) {
    List<Entry> movable = new ArrayList<>();
    synchronized (lock) {
      if (call != ended) {
        return;
      }
      call = null;
      failures++;
      long backoffMillis =
          Math.min(MAX_BACKOFF_MILLIS, MIN_BACKOFF_MILLIS << Math.min(failures - 1, 10));
      retryAtNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(backoffMillis);
      Map<BatchId, Entry> bound = new LinkedHashMap<>();
      boolean refused = REFUSALS.contains(status.getCode());
      List<Entry> waiting = new ArrayList<>();
      sent.values().forEach(entry -> waiting.add(refused ? entry : entry.perhapsDelivered()));
      waiting.addAll(queued.values());
      for (Entry entry : waiting) {
        if (entry.maybeThere()) {
          bound.put(entry.batch().id(), entry);
        } else {
          movable.add(entry);
          windowBytes -= entry.batch().bytes();
        }
      }
      sent.clear();
      queued = bound;
      if (!closed) {
        log.warn(
            "Stream to Writer {} ended: {}; {} batches wait for it, {} go elsewhere",
            address,
            describe(status),
            bound.size(),
            movable.size());
        if (!bound.isEmpty()) {
          reconnectIn(TimeUnit.MILLISECONDS.toNanos(backoffMillis));
        }
      }
    }
    movable.forEach(entry -> entry.elsewhere().run());
  }

  private void reconnectIn(long nanos) {
    Future<?> unused = threads.schedule(this::reconnect, nanos, TimeUnit.NANOSECONDS);
  }

  private void reconnect() {
    synchronized (lock) {
      if (!closed && !queued.isEmpty()) {
        connect();
        send();
      }
    }
  }

  private SignalDbException unanswered(String why) {
    return new SignalDbException(
        ErrorCode.UNAVAILABLE,
        "Writer %s has not confirmed the batch: %s; it may or may not be stored, send it again"
            .formatted(address, why));
  }

  private static String describe(Status status) {
    Throwable cause = status.getCause();
    return status.getCode()
        + (status.getDescription() == null ? "" : " " + status.getDescription())
        + (cause == null ? "" : ", " + cause.getMessage());
  }

  private static Metadata headers(String authorization) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    return headers;
  }

  /** Flight wants a descriptor and a schema first; the batches bring their own. */
  private static FlightData opening() {
    FlightDescriptor.Builder descriptor =
        FlightDescriptor.newBuilder().setType(FlightDescriptor.DescriptorType.PATH);
    for (String step : WriteBatch.DESCRIPTOR_PATH) {
      descriptor.addPath(step);
    }
    ByteString schema =
        UnsafeByteOperations.unsafeWrap(
            MessageSerializer.serializeMetadata(new Schema(List.of()), IpcOption.DEFAULT));
    return FlightData.newBuilder().setFlightDescriptor(descriptor).setDataHeader(schema).build();
  }
}
