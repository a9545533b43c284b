package io.signaldb.acceptor.receive;

import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.buffer.ByteBuf;
import io.signaldb.acceptor.forward.BatchForwarder;
import io.signaldb.acceptor.otlp.EncodedRequest;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.auth.Credentials;
import io.signaldb.common.config.AcceptorConfig;
import io.signaldb.common.error.Failures;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.http.HttpCredentials;
import io.signaldb.common.schema.Signal;
import io.signaldb.common.tenant.TenantContext;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the endpoints do with a request, whatever its signal: authenticate, read and decode the body
 * within the bounds, and hand the rows on. Thread-safe; blocks no event loop.
 */
final class OtlpReceiver implements AutoCloseable {
  /** What a request holds beside its body. */
  private static final int REQUEST_BYTES = 4096;

  private final Authenticator authenticator;
  private final RequestDecoder requests;
  private final BatchForwarder forwarder;
  private final InflightBytes inflight;
  private final long maxRequestBytes;
  private final ReceiverMeters meters;
  private final DecodingHeap heap = new DecodingHeap();
  private final ThreadPoolExecutor workers = workers();

  OtlpReceiver(
      Authenticator authenticator,
      BatchForwarder forwarder,
      AcceptorConfig config,
      ReceiverMeters meters) {
    this.authenticator = authenticator;
    this.requests = new RequestDecoder(config.maxRequestBytes(), heap);
    this.forwarder = forwarder;
    this.inflight = new InflightBytes(config.maxInflightBytes());
    this.maxRequestBytes = config.maxRequestBytes();
    this.meters = meters;
    meters.inflight(inflight::held);
  }

  /** What is done with a body, on a thread that may work but should not wait. */
  @FunctionalInterface
  interface Handler<T> {
    /**
     * Handles one body.
     *
     * @param body ownership passes to this method
     * @param held takes the memory that is needed beside the body
     */
    CompletableFuture<T> handle(TenantContext tenant, ByteBuf body, InflightBytes.Reservation held);
  }

  /**
   * Takes one request: who sends it and, within the bounds, its body.
   *
   * @param framingBytes what the protocol puts around the message in the body
   * @return completes with what {@code handler} answers, or with the failure
   * @throws SignalDbException RESOURCE_EXHAUSTED if too much is in flight; the body is not read
   */
  <T> CompletableFuture<T> receive(
      ServiceRequestContext context, HttpRequest request, int framingBytes, Handler<T> handler) {
    InflightBytes.Reservation held = inflight.open();
    held.add(REQUEST_BYTES);
    Credentials credentials = HttpCredentials.of(request.headers());
    return CompletableFuture.supplyAsync(() -> authenticator.authenticate(credentials), workers)
        .exceptionallyCompose(
            refusal -> RequestBody.discard(context, request, Failures.coded(refusal)))
        .thenCompose(
            tenant ->
                RequestBody.read(context, request, maxRequestBytes, framingBytes, held)
                    .thenComposeAsync(
                        body -> {
                          meters.received(body.readableBytes());
                          return handler.handle(tenant, body, held);
                        },
                        workers))
        .whenComplete((response, failure) -> held.close());
  }

  /**
   * Stores the request in a body.
   *
   * @param body ownership passes to this method
   * @param timeout how long the client waits
   * @return completes once every accepted row is on disk, with the answer, or with the failure
   */
  <Q extends Message> CompletableFuture<Message> export(
      OtlpService<Q> service,
      TenantContext tenant,
      ByteBuf body,
      Compression compression,
      MessageFormat format,
      InflightBytes.Reservation held,
      Duration timeout) {
    ReceivedRequest received = requests.decode(service, body, compression, format, held);
    EncodedRequest encoded = received.encoded();
    String message =
        Stream.of(encoded.message(), received.warning())
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining("; "));
    Message response = service.response(encoded.rejected(), message);
    return store(service.signal(), tenant, encoded, timeout).thenApply(done -> response);
  }

  /** Where handlers make objects of what is in a body. */
  DecodingHeap heap() {
    return heap;
  }

  /**
   * Stores the rows of a request.
   *
   * @param timeout how long the client waits
   * @return completes once all of them are on disk, or with the failure; some may be stored then
   */
  CompletableFuture<Void> store(
      Signal signal, TenantContext tenant, EncodedRequest request, Duration timeout) {
    CompletableFuture<?>[] batches =
        request.batches().stream()
            .map(
                batch ->
                    forwarder.forward(tenant, batch.table(), batch.rows(), batch.ipc(), timeout))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(batches)
        .thenRun(() -> meters.rows(signal, request.accepted(), request.rejected()));
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
