package io.signaldb.acceptor.receive;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.micrometer.core.instrument.Timer;
import io.netty.buffer.ByteBuf;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.signaldb.acceptor.otlp.EncodedRequest;
import io.signaldb.acceptor.otlp.OtlpEncoder;
import io.signaldb.acceptor.prometheus.MappedWrite;
import io.signaldb.acceptor.prometheus.RemoteWriteMapper;
import io.signaldb.acceptor.prometheus.RemoteWriteVersion;
import io.signaldb.acceptor.prometheus.Tally;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.Failures;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.http.HttpErrors;
import io.signaldb.common.schema.Signal;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Prometheus remote write, both versions at one path. Errors are one line of plain text. What can
 * succeed later is a 5xx, since Prometheus gives up on all else, by default on 429 too.
 *
 * <p>Source: Prometheus Remote-Write specifications 1.0 and 2.0.
 */
final class RemoteWriteService implements HttpService {
  static final String PATH = "/api/v1/write";

  private static final String PROTOCOL = "remote_write";
  private static final String SNAPPY = "snappy";
  private static final Duration RETRY_HINT = Duration.ofSeconds(1);
  private static final Tally NOTHING = new Tally(0, 0, 0);

  /**
   * Heap that is taken for a byte of the request: a reference of two bytes becomes an attribute.
   */
  private static final int HEAP_FACTOR = 30;

  private final RemoteWriteMapper mapper;
  private final OtlpEncoder<ExportMetricsServiceRequest> encoder;
  private final OtlpReceiver receiver;
  private final long maxRequestBytes;
  private final Duration timeout;
  private final ReceiverMeters meters;

  /**
   * @param maxRequestBytes of an unpacked request
   */
  RemoteWriteService(
      RemoteWriteMapper mapper,
      OtlpEncoder<ExportMetricsServiceRequest> encoder,
      OtlpReceiver receiver,
      long maxRequestBytes,
      Duration timeout,
      ReceiverMeters meters) {
    this.mapper = mapper;
    this.encoder = encoder;
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
    RemoteWriteVersion version = version(request);
    CompletableFuture<MappedWrite> answer;
    try {
      answer = receiver.receive(context, request, 0, handler(request, version));
    } catch (SignalDbException e) {
      answer = RequestBody.discard(context, request, e);
    }
    return HttpResponse.of(
        answer.handle(
            (written, failure) ->
                failure == null
                    ? respond(sample, version, written)
                    : refuse(sample, version, Failures.coded(failure))));
  }

  /** The version a Content-Type names, 1 where it names none, null if it is another type. */
  private static @Nullable RemoteWriteVersion version(HttpRequest request) {
    if (!request.headers().contains(HttpHeaderNames.CONTENT_TYPE)) {
      return RemoteWriteVersion.V1;
    }
    MediaType type = request.contentType();
    if (type == null
        || !type.withoutParameters().is(MediaType.create("application", "x-protobuf"))) {
      return null;
    }
    List<String> messages = type.parameters().getOrDefault("proto", List.of());
    return messages.isEmpty()
        ? RemoteWriteVersion.V1
        : RemoteWriteVersion.ofMessage(messages.get(0)).orElse(null);
  }

  private OtlpReceiver.Handler<MappedWrite> handler(
      HttpRequest request, @Nullable RemoteWriteVersion version) {
    if (version == null) {
      throw unsupported(HttpHeaderNames.CONTENT_TYPE, request, RemoteWriteVersion.CONTENT_TYPES);
    }
    if (!request.headers().get(HttpHeaderNames.CONTENT_ENCODING, SNAPPY).equalsIgnoreCase(SNAPPY)) {
      throw unsupported(HttpHeaderNames.CONTENT_ENCODING, request, SNAPPY);
    }
    return (tenant, body, held) -> write(version, tenant, body, held);
  }

  private CompletableFuture<MappedWrite> write(
      RemoteWriteVersion version,
      TenantContext tenant,
      ByteBuf body,
      InflightBytes.Reservation held) {
    ByteBuffer message = SnappyBlock.decompress(body, maxRequestBytes, held);
    Mapped mapped =
        receiver
            .heap()
            .within((long) message.remaining() * HEAP_FACTOR, () -> map(tenant, version, message));
    return receiver
        .store(Signal.METRICS, tenant, mapped.encoded(), timeout)
        .thenApply(done -> mapped.write());
  }

  private record Mapped(MappedWrite write, EncodedRequest encoded) {}

  private Mapped map(TenantContext tenant, RemoteWriteVersion version, ByteBuffer message) {
    MappedWrite write = mapper.map(tenant, version, message);
    return new Mapped(write, encoder.encode(write.request(), write::refuse));
  }

  private HttpResponse respond(
      Timer.Sample sample, @Nullable RemoteWriteVersion version, MappedWrite write) {
    String problems = write.problems();
    boolean whole = problems.isEmpty();
    meters.answered(
        sample, Signal.METRICS, PROTOCOL, whole ? "OK" : ErrorCode.INVALID_ARGUMENT.name());
    return whole
        ? HttpResponse.of(
            counted(ResponseHeaders.builder(HttpStatus.NO_CONTENT), version, write.written()))
        : HttpResponse.of(
            counted(
                ResponseHeaders.builder(HttpStatus.BAD_REQUEST)
                    .contentType(MediaType.PLAIN_TEXT_UTF_8),
                version,
                write.written()),
            HttpData.ofUtf8(problems + "\n"));
  }

  private HttpResponse refuse(
      Timer.Sample sample, @Nullable RemoteWriteVersion version, SignalDbException failure) {
    meters.answered(sample, Signal.METRICS, PROTOCOL, failure.code().name());
    ResponseHeadersBuilder headers =
        HttpErrors.headers(failure, MediaType.PLAIN_TEXT_UTF_8).toBuilder();
    if (failure.code() == ErrorCode.RESOURCE_EXHAUSTED) {
      headers.status(HttpStatus.SERVICE_UNAVAILABLE);
    }
    if (headers.status().equals(HttpStatus.SERVICE_UNAVAILABLE)
        && !headers.contains(HttpHeaderNames.RETRY_AFTER)) {
      headers.setLong(HttpHeaderNames.RETRY_AFTER, RETRY_HINT.toSeconds());
    }
    return HttpResponse.of(
        counted(headers, version, NOTHING), HttpData.ofUtf8(failure.getMessage() + "\n"));
  }

  /** Version 2 wants to be told; senders of version 1 would wonder. */
  private static ResponseHeaders counted(
      ResponseHeadersBuilder headers, @Nullable RemoteWriteVersion version, Tally written) {
    if (version == RemoteWriteVersion.V2) {
      headers
          .setInt("x-prometheus-remote-write-samples-written", written.samples())
          .setInt("x-prometheus-remote-write-histograms-written", written.histograms())
          .setInt("x-prometheus-remote-write-exemplars-written", written.exemplars());
    }
    return headers.build();
  }

  private static SignalDbException unsupported(
      CharSequence header, HttpRequest request, String expected) {
    return new SignalDbException(
        ErrorCode.UNSUPPORTED_MEDIA_TYPE,
        "%s is '%s', expected one of: %s"
            .formatted(header, request.headers().get(header, ""), expected));
  }
}
