package io.signaldb.acceptor.receive;

import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.micrometer.core.instrument.Timer;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.Failures;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.http.GrpcErrors;
import io.signaldb.common.http.HttpErrors;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * OTLP/HTTP for one signal: a message in a POST body, answered in the same format; errors are a
 * google.rpc.Status.
 *
 * <p>Source: OTLP specification 1.x, section OTLP/HTTP.
 */
final class OtlpHttpService implements HttpService {
  private final OtlpService<?> service;
  private final OtlpReceiver receiver;
  private final Duration timeout;
  private final ReceiverMeters meters;

  OtlpHttpService(
      OtlpService<?> service, OtlpReceiver receiver, Duration timeout, ReceiverMeters meters) {
    this.service = service;
    this.receiver = receiver;
    this.timeout = timeout;
    this.meters = meters;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
    if (request.method() != HttpMethod.POST) {
      return HttpResponse.of(
          ResponseHeaders.of(
              HttpStatus.METHOD_NOT_ALLOWED, HttpHeaderNames.ALLOW, HttpMethod.POST.name()));
    }
    Timer.Sample sample = meters.startRequest();
    MessageFormat format = MessageFormat.of(request.contentType()).orElse(MessageFormat.JSON);
    CompletableFuture<Message> answer;
    try {
      answer = receiver.receive(context, request, 0, handler(request));
    } catch (SignalDbException e) {
      answer = RequestBody.discard(context, request, e);
    }
    return HttpResponse.of(
        answer.handle(
            (response, failure) ->
                failure == null
                    ? respond(sample, format, response)
                    : refuse(sample, format, Failures.coded(failure))));
  }

  private OtlpReceiver.Handler<Message> handler(HttpRequest request) {
    MessageFormat format =
        MessageFormat.of(request.contentType())
            .orElseThrow(
                () -> unsupported(HttpHeaderNames.CONTENT_TYPE, request, MessageFormat.NAMES));
    Compression compression =
        Compression.named(request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity"))
            .orElseThrow(
                () -> unsupported(HttpHeaderNames.CONTENT_ENCODING, request, Compression.NAMES));
    return (tenant, body, held) ->
        receiver.export(service, tenant, body, compression, format, held, timeout);
  }

  private HttpResponse respond(Timer.Sample sample, MessageFormat format, Message response) {
    meters.answered(sample, service.signal(), "http", "OK");
    return HttpResponse.of(HttpStatus.OK, format.mediaType(), format.write(response));
  }

  private HttpResponse refuse(
      Timer.Sample sample, MessageFormat format, SignalDbException failure) {
    meters.answered(sample, service.signal(), "http", failure.code().name());
    return HttpResponse.of(
        HttpErrors.headers(failure, format.mediaType()),
        format.write(GrpcErrors.toStatus(failure)));
  }

  private static SignalDbException unsupported(
      CharSequence header, HttpRequest request, String expected) {
    return new SignalDbException(
        ErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "%s is '%s', expected one of: %s"
            .formatted(header, request.headers().get(header, ""), expected));
  }
}
