package io.signaldb.benchmarks.endtoend;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends encoded OTLP requests over gRPC, as cheaply as a client can: the bytes are not looked at.
 *
 * <p>Thread-safe.
 */
final class OtlpClient implements AutoCloseable {
  private static final MethodDescriptor<byte[], byte[]> EXPORT =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("opentelemetry.proto.collector.trace.v1.TraceService/Export")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  private final ManagedChannel channel;

  OtlpClient(int port) {
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  /** Sends one request and waits for its answer. */
  void send(byte[] request) {
    accepted(ClientCalls.blockingUnaryCall(channel, EXPORT, CallOptions.DEFAULT, request));
  }

  /**
   * Sends all requests, {@code inFlight} at a time, each again while the server says it is full.
   *
   * @return milliseconds to the answer, per request
   */
  Load sendAll(List<byte[]> requests, int inFlight) throws InterruptedException {
    Semaphore free = new Semaphore(inFlight);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicInteger refused = new AtomicInteger();
    double[] millis = new double[requests.size()];
    long begin = System.nanoTime();
    for (int i = 0; i < requests.size() && failure.get() == null; i++) {
      free.acquire();
      new Attempt(requests.get(i), i, millis, free, failure, refused).start();
    }
    if (!free.tryAcquire(inFlight, 60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("requests without an answer after 60 s");
    }
    Throwable cause = failure.get();
    if (cause != null) {
      throw new IllegalStateException("the server failed a request: " + cause.getMessage(), cause);
    }
    return new Load((System.nanoTime() - begin) / 1e9, Quantiles.of(millis), refused.get());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private static void accepted(byte[] response) {
    try {
      ExportTraceServiceResponse answer = ExportTraceServiceResponse.parseFrom(response);
      if (answer.getPartialSuccess().getRejectedSpans() != 0) {
        throw new IllegalStateException("spans were rejected: " + answer.getPartialSuccess());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What sending took.
   *
   * @param refused answers that asked to send again later
   */
  record Load(double seconds, Quantiles ackMillis, int refused) {}

  private final class Attempt implements StreamObserver<byte[]> {
    private final byte[] request;
    private final int index;
    private final double[] millis;
    private final Semaphore free;
    private final AtomicReference<Throwable> failure;
    private final AtomicInteger refused;
    private final long begin = System.nanoTime();

    Attempt(
        byte[] request,
        int index,
        double[] millis,
        Semaphore free,
        AtomicReference<Throwable> failure,
        AtomicInteger refused) {
      this.request = request;
      this.index = index;
      this.millis = millis;
      this.free = free;
      this.failure = failure;
      this.refused = refused;
    }

    void start() {
      ClientCalls.asyncUnaryCall(channel.newCall(EXPORT, CallOptions.DEFAULT), request, this);
    }

    @Override
    public void onNext(byte[] response) {
      accepted(response);
    }

    @Override
    public void onError(Throwable error) {
      if (error instanceof StatusRuntimeException status
          && status.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED
          && refused.incrementAndGet() < 100_000) {
        LockSupport.parkNanos(20_000_000);
        start();
        return;
      }
      failure.compareAndSet(null, error);
      free.release();
    }

    @Override
    public void onCompleted() {
      millis[index] = (System.nanoTime() - begin) / 1e6;
      free.release();
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
