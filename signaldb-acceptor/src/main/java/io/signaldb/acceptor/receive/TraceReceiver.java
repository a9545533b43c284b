package io.signaldb.acceptor.receive;

import com.linecorp.armeria.common.AggregationOptions;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.buffer.ByteBuf;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.signaldb.acceptor.forward.BatchForwarder;
import io.signaldb.acceptor.otlp.EncodedTraces;
import io.signaldb.acceptor.otlp.TraceEncoder;
import io.signaldb.common.auth.Authenticator;
import io.signaldb.common.auth.Credentials;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.http.HttpCredentials;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What both endpoints do with a trace request: authenticate, read and decode the body within the
 * bounds, and hand the rows on. Thread-safe; blocks no event loop.
 */
final class TraceReceiver {
  private final Authenticator authenticator;
  private final TraceEncoder encoder;
  private final TableSchema traces;
  private final BatchForwarder forwarder;
  private final InflightBytes inflight;
  private final long maxRequestBytes;
  private final ReceiverMeters meters;
  private final Executor workers;

  TraceReceiver(
      Authenticator authenticator,
      TraceEncoder encoder,
      TableSchema traces,
      BatchForwarder forwarder,
      long maxRequestBytes,
      long maxInflightBytes,
      ReceiverMeters meters,
      Executor workers) {
    this.authenticator = authenticator;
    this.encoder = encoder;
    this.traces = traces;
    this.forwarder = forwarder;
    this.inflight = new InflightBytes(maxInflightBytes);
    this.maxRequestBytes = maxRequestBytes;
    this.meters = meters;
    this.workers = workers;
    meters.inflight(inflight::held);
  }

  /** How an endpoint gets at the message in a body. */
  @FunctionalInterface
  interface Decoder {
    /** The message; {@code body} is given away. */
    ExportTraceServiceRequest decode(ByteBuf body, InflightBytes.Reservation held);
  }

  /**
   * Takes one request.
   *
   * @param framingBytes what the protocol puts around the message in the body
   * @param timeout how long the client waits
   * @return completes once every accepted span is on disk, or with the failure
   */
  CompletableFuture<ExportTraceServiceResponse> receive(
      ServiceRequestContext context,
      HttpRequest request,
      int framingBytes,
      Decoder decoder,
      Duration timeout) {
    InflightBytes.Reservation held;
    try {
      held = inflight.admit();
      long announced = request.headers().contentLength();
      if (announced > maxRequestBytes + framingBytes) {
        throw Compression.tooLarge(maxRequestBytes);
      }
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    Credentials credentials = HttpCredentials.of(request.headers());
    return CompletableFuture.supplyAsync(() -> authenticator.authenticate(credentials), workers)
        .thenCompose(
            tenant ->
                body(context, request, framingBytes, held)
                    .thenApplyAsync(body -> encoder.encode(decoder.decode(body, held)), workers)
                    .thenCompose(encoded -> store(tenant, encoded, timeout)))
        .whenComplete((response, failure) -> held.close());
  }

  /** The whole body, counted while it comes in; the caller releases it. */
  private CompletableFuture<ByteBuf> body(
      ServiceRequestContext context,
      HttpRequest request,
      int framingBytes,
      InflightBytes.Reservation held) {
    AtomicLong received = new AtomicLong();
    return request
        .peekData(
            data -> {
              if (received.addAndGet(data.length()) > maxRequestBytes + framingBytes) {
                throw Compression.tooLarge(maxRequestBytes);
              }
              held.add(data.length());
            })
        .aggregate(AggregationOptions.usePooledObjects(context.alloc(), context.eventLoop()))
        .handle(
            (whole, failure) -> {
              if (failure != null) {
                throw unread(failure);
              }
              meters.received(whole.content().length());
              return whole.content().byteBuf();
            });
  }

  private static SignalDbException unread(Throwable failure) {
    Throwable cause = Exceptions.peel(failure);
    return cause instanceof SignalDbException known
        ? known
        : new SignalDbException(
            ErrorCode.CANCELLED, "The request ended before its body was whole: " + cause, cause);
  }

  private CompletableFuture<ExportTraceServiceResponse> store(
      TenantContext tenant, EncodedTraces encoded, Duration timeout) {
    ExportTraceServiceResponse response = response(encoded);
    ByteBuffer ipc = encoded.ipc().orElse(null);
    CompletableFuture<Void> stored =
        ipc == null
            ? CompletableFuture.completedFuture(null)
            : forwarder.forward(
                tenant, traces.signal(), traces.name(), encoded.accepted(), ipc, timeout);
    return stored.thenApply(
        done -> {
          meters.spans(encoded.accepted(), encoded.rejected());
          return response;
        });
  }

  private static ExportTraceServiceResponse response(EncodedTraces encoded) {
    ExportTraceServiceResponse.Builder response = ExportTraceServiceResponse.newBuilder();
    if (encoded.rejected() > 0 || !encoded.rejectionMessage().isEmpty()) {
      response.setPartialSuccess(
          ExportTracePartialSuccess.newBuilder()
              .setRejectedSpans(encoded.rejected())
              .setErrorMessage(encoded.rejectionMessage()));
    }
    return response.build();
  }
}
