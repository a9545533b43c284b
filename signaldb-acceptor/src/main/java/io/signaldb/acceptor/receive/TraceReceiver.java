package io.signaldb.acceptor.receive;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.buffer.ByteBuf;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.signaldb.acceptor.forward.BatchForwarder;
import io.signaldb.acceptor.otlp.EncodedTraces;
import io.signaldb.acceptor.otlp.TraceEncoder;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.auth.Credentials;
import io.signaldb.common.config.AcceptorConfig;
import io.signaldb.common.error.Failures;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.http.HttpCredentials;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What both endpoints do with a trace request: authenticate, read and decode the body within the
 * bounds, and hand the rows on. Thread-safe; blocks no event loop.
 */
final class TraceReceiver implements AutoCloseable {
  /** What a request holds beside its body. */
  private static final int REQUEST_BYTES = 4096;

  private final Authenticator authenticator;
  private final TraceDecoder traceDecoder;
  private final TableSchema traces;
  private final BatchForwarder forwarder;
  private final InflightBytes inflight;
  private final long maxRequestBytes;
  private final ReceiverMeters meters;
  private final ThreadPoolExecutor workers = workers();

  TraceReceiver(
      Authenticator authenticator,
      TraceEncoder encoder,
      TableSchema traces,
      BatchForwarder forwarder,
      AcceptorConfig config,
      ReceiverMeters meters) {
    this.authenticator = authenticator;
    this.traceDecoder = new TraceDecoder(encoder, config.maxRequestBytes());
    this.traces = traces;
    this.forwarder = forwarder;
    this.inflight = new InflightBytes(config.maxInflightBytes());
    this.maxRequestBytes = config.maxRequestBytes();
    this.meters = meters;
    meters.inflight(inflight::held);
  }

  /** How an endpoint gets at the message in a body. */
  @FunctionalInterface
  interface Decoder {
    /** The message as rows; ownership of {@code body} passes. */
    ReceivedTraces decode(ByteBuf body, TraceDecoder decoder, InflightBytes.Reservation held);
  }

  /**
   * Takes one request.
   *
   * @param framingBytes what the protocol puts around the message in the body
   * @param timeout how long the client waits
   * @return completes once every accepted span is on disk, or with the failure
   * @throws SignalDbException RESOURCE_EXHAUSTED if too much is in flight; the body is not read
   */
  CompletableFuture<ExportTraceServiceResponse> receive(
      ServiceRequestContext context,
      HttpRequest request,
      int framingBytes,
      Decoder decoder,
      Duration timeout) {
    InflightBytes.Reservation held = inflight.open();
    held.add(REQUEST_BYTES);
    Credentials credentials = HttpCredentials.of(request.headers());
    return CompletableFuture.supplyAsync(() -> authenticator.authenticate(credentials), workers)
        .exceptionallyCompose(
            refusal -> RequestBody.discard(context, request, Failures.coded(refusal)))
        .thenCompose(
            tenant ->
                RequestBody.read(context, request, maxRequestBytes, framingBytes, held)
                    .thenApplyAsync(body -> decode(decoder, body, held), workers)
                    .thenCompose(received -> store(tenant, received, timeout)))
        .whenComplete((response, failure) -> held.close());
  }

  private ReceivedTraces decode(Decoder decoder, ByteBuf body, InflightBytes.Reservation held) {
    meters.received(body.readableBytes());
    return decoder.decode(body, traceDecoder, held);
  }

  /** Forwards the rows; completes with the answer. */
  private CompletableFuture<ExportTraceServiceResponse> store(
      TenantContext tenant, ReceivedTraces received, Duration timeout) {
    EncodedTraces encoded = received.encoded();
    ByteBuffer ipc = encoded.ipc().orElse(null);
    CompletableFuture<Void> stored =
        ipc == null
            ? CompletableFuture.completedFuture(null)
            : forwarder.forward(tenant, traces, encoded.accepted(), ipc, timeout);
    ExportTraceServiceResponse response = response(encoded, received.warning());
    return stored.thenApply(
        done -> {
          meters.spans(encoded.accepted(), encoded.rejected());
          return response;
        });
  }

  private static ExportTraceServiceResponse response(EncodedTraces encoded, String warning) {
    String message =
        Stream.of(encoded.rejectionMessage(), warning)
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining("; "));
    ExportTraceServiceResponse.Builder response = ExportTraceServiceResponse.newBuilder();
    if (!message.isEmpty()) {
      response.setPartialSuccess(
          ExportTracePartialSuccess.newBuilder()
              .setRejectedSpans(encoded.rejected())
              .setErrorMessage(message));
    }
    return response.build();
  }

  @Override
  public void close() {
    workers.shutdown();
  }

  /** Requests waiting for a worker are bounded by the bytes in flight. */
  private static ThreadPoolExecutor workers() {
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            threads,
            threads,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> new Thread(task, "signaldb-acceptor-decode-" + number.incrementAndGet()));
    workers.allowCoreThreadTimeOut(true);
    return workers;
  }
}
