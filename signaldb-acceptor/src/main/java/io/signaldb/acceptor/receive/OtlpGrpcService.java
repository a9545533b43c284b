package io.signaldb.acceptor.receive;

import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.micrometer.core.instrument.Timer;
import io.netty.buffer.ByteBuf;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.Failures;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.http.GrpcErrors;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * OTLP/gRPC for one signal: the unary call {@code Export}, read from the HTTP/2 request itself so
 * that messages are decompressed, bounded and decoded exactly as over HTTP, off the event loops.
 * The response fits into a packet, so it is not compressed.
 *
 * <p>Source: gRPC over HTTP2 (grpc/grpc doc/PROTOCOL-HTTP2.md).
 */
final class OtlpGrpcService implements HttpService {
  /** Flag "compressed" and length before a message. */
  private static final int FRAMING_BYTES = 5;

  private static final ResponseHeaders RESPONSE_HEADERS =
      ResponseHeaders.builder(HttpStatus.OK)
          .contentType(MediaType.create("application", "grpc"))
          .add("grpc-accept-encoding", Compression.NAMES.replace(" ", ""))
          .build();

  private final OtlpService<?> service;
  private final OtlpReceiver receiver;
  private final Duration timeout;
  private final ReceiverMeters meters;

  OtlpGrpcService(
      OtlpService<?> service, OtlpReceiver receiver, Duration timeout, ReceiverMeters meters) {
    this.service = service;
    this.receiver = receiver;
    this.timeout = timeout;
    this.meters = meters;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    if (!isGrpc(request.headers())) {
      return notGrpc();
    }
    Timer.Sample sample = meters.startRequest();
    CompletableFuture<Message> answer;
    try {
      Compression compression = compression(request.headers());
      Duration wait = GrpcTimeout.parse(request.headers().get("grpc-timeout"), timeout);
      answer =
          receiver.receive(
              context,
              request,
              FRAMING_BYTES,
              (tenant, body, held) -> export(tenant, body, compression, held, wait));
    } catch (SignalDbException e) {
      answer = RequestBody.discard(context, request, e);
    }
    return HttpResponse.of(
        answer.handle(
            (response, failure) ->
                failure == null
                    ? respond(sample, response)
                    : refuse(sample, Failures.coded(failure))));
  }

  /** For whatever else is asked of a gRPC port. */
  static HttpService unimplemented(List<OtlpService<?>> services) {
    String paths = services.stream().map(OtlpService::grpcPath).collect(Collectors.joining(", "));
    return (context, request) ->
        isGrpc(request.headers())
            ? GrpcErrors.respond(
                new SignalDbException(
                    ErrorCode.UNIMPLEMENTED,
                    "There is no method %s here, expected one of: %s"
                        .formatted(request.path(), paths)))
            : notGrpc();
  }

  private CompletableFuture<Message> export(
      TenantContext tenant,
      ByteBuf body,
      Compression compression,
      InflightBytes.Reservation held,
      Duration wait) {
    Compression used = unframe(body) ? compression : Compression.IDENTITY;
    return receiver.export(service, tenant, body, used, MessageFormat.PROTOBUF, held, wait);
  }

  private static Compression compression(RequestHeaders headers) {
    String name = headers.get("grpc-encoding", "identity");
    return Compression.named(name)
        .orElseThrow(
            () ->
                new SignalDbException(
                    ErrorCode.UNIMPLEMENTED,
                    "grpc-encoding is '%s', expected one of: %s"
                        .formatted(name, Compression.NAMES)));
  }

  /** Moves to the message, and tells whether it is compressed; releases the body if it throws. */
  private static boolean unframe(ByteBuf body) {
    int bytes = body.readableBytes();
    int flag = bytes < FRAMING_BYTES ? 0 : body.readUnsignedByte();
    long length = bytes < FRAMING_BYTES ? -1 : body.readUnsignedInt();
    if (length != body.readableBytes() || flag > 1) {
      body.release();
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "The call carries %d bytes, expected one message with its %d-byte prefix%s"
              .formatted(
                  bytes,
                  FRAMING_BYTES,
                  length < 0 ? "" : "; it announces %d bytes, flag %d".formatted(length, flag)));
    }
    return flag == 1;
  }

  private HttpResponse respond(Timer.Sample sample, Message response) {
    meters.answered(sample, service.signal(), "grpc", "OK");
    byte[] message = response.toByteArray();
    ByteBuffer framed = ByteBuffer.allocate(FRAMING_BYTES + message.length);
    framed.put((byte) 0).putInt(message.length).put(message);
    return HttpResponse.of(
        RESPONSE_HEADERS, HttpData.wrap(framed.array()), HttpHeaders.of("grpc-status", "0"));
  }

  private HttpResponse refuse(Timer.Sample sample, SignalDbException failure) {
    meters.answered(sample, service.signal(), "grpc", failure.code().name());
    return GrpcErrors.respond(failure);
  }

  private static boolean isGrpc(RequestHeaders headers) {
    MediaType type = headers.contentType();
    return type != null
        && type.type().equals("application")
        && (type.subtype().equals("grpc") || type.subtype().equals("grpc+proto"));
  }

  private static HttpResponse notGrpc() {
    return HttpResponse.of(
        HttpStatus.UNSUPPORTED_MEDIA_TYPE,
        MediaType.PLAIN_TEXT_UTF_8,
        "This port speaks OTLP/gRPC, expected content-type application/grpc; OTLP/HTTP has a port of its own (4318 by default)\n");
  }
}
