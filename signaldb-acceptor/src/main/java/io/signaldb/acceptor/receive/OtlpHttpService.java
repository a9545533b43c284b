package io.signaldb.acceptor.receive;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.Failures;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.http.GrpcErrors;
import io.signaldb.common.http.HttpErrors;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * OTLP/HTTP for traces: a message in a POST body, answered in the same format; errors are a
 * google.rpc.Status.
 *
 * <p>Source: OTLP specification 1.x, section OTLP/HTTP.
 */
final class OtlpHttpService implements HttpService {
  private final TraceReceiver receiver;
  private final Duration timeout;
  private final ReceiverMeters meters;

  OtlpHttpService(TraceReceiver receiver, Duration timeout, ReceiverMeters meters) {
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
    CompletableFuture<ExportTraceServiceResponse> answer;
    try {
      answer = receiver.receive(context, request, 0, decoder(request), timeout);
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

  private TraceReceiver.Decoder decoder(HttpRequest request) {
    MessageFormat format =
        MessageFormat.of(request.contentType())
            .orElseThrow(
                () -> unsupported(HttpHeaderNames.CONTENT_TYPE, request, MessageFormat.NAMES));
    Compression compression =
        Compression.named(request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity"))
            .orElseThrow(
                () -> unsupported(HttpHeaderNames.CONTENT_ENCODING, request, Compression.NAMES));
    return (body, decoder, held) -> decoder.decode(body, compression, format, held);
  }

  private HttpResponse respond(
      Timer.Sample sample, MessageFormat format, ExportTraceServiceResponse response) {
    meters.answered(sample, "http", "OK");
    return HttpResponse.of(HttpStatus.OK, format.mediaType(), format.write(response));
  }

  private HttpResponse refuse(
      Timer.Sample sample, MessageFormat format, SignalDbException failure) {
    meters.answered(sample, "http", failure.code().name());
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
