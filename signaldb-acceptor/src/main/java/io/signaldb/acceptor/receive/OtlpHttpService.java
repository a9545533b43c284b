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

/**
 * OTLP/HTTP for traces: a message in a POST body, answered in the same format; errors are a
 * google.rpc.Status.
 *
 * <p>Source: OTLP specification 1.x, section OTLP/HTTP.
 */
final class OtlpHttpService implements HttpService {
  private final TraceReceiver receiver;
  private final long maxRequestBytes;
  private final Duration timeout;
  private final ReceiverMeters meters;

  OtlpHttpService(
      TraceReceiver receiver, long maxRequestBytes, Duration timeout, ReceiverMeters meters) {
    this.receiver = receiver;
    this.maxRequestBytes = maxRequestBytes;
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
    MessageFormat format = MessageFormat.of(request.contentType()).orElse(null);
    if (format == null) {
      return refuse(
          sample,
          MessageFormat.JSON,
          unsupported(HttpHeaderNames.CONTENT_TYPE, request, MessageFormat.NAMES));
    }
    String encoding = request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity");
    Compression compression = Compression.named(encoding).orElse(null);
    if (compression == null) {
      return refuse(
          sample,
          format,
          unsupported(HttpHeaderNames.CONTENT_ENCODING, request, Compression.NAMES));
    }
    return HttpResponse.of(
        receiver
            .receive(
                context,
                request,
                0,
                (body, held) -> {
                  var message = compression.decompress(body, maxRequestBytes, held);
                  try {
                    return format.parse(message);
                  } finally {
                    message.release();
                  }
                },
                timeout)
            .handle(
                (response, failure) -> {
                  if (failure != null) {
                    return refuse(sample, format, Failures.coded(failure));
                  }
                  meters.answered(sample, "http", "OK");
                  return respond(ResponseHeaders.of(HttpStatus.OK), format, response);
                }));
  }

  private HttpResponse refuse(
      Timer.Sample sample, MessageFormat format, SignalDbException failure) {
    meters.answered(sample, "http", failure.code().name());
    return respond(
        HttpErrors.headers(failure, format.mediaType()), format, GrpcErrors.toStatus(failure));
  }

  private static HttpResponse respond(
      ResponseHeaders headers, MessageFormat format, Message message) {
    return HttpResponse.of(
        headers.toBuilder().contentType(format.mediaType()).build(), format.write(message));
  }

  private static SignalDbException unsupported(
      CharSequence header, HttpRequest request, String expected) {
    return new SignalDbException(
        ErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "%s is '%s', expected one of: %s"
            .formatted(header, request.headers().get(header, ""), expected));
  }
}
