package io.signaldb.common.http;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import io.signaldb.common.error.Failures;
import io.signaldb.common.error.SignalDbException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** {@link SignalDbException} as a gRPC status. */
public final class GrpcErrors {
  private static final MediaType GRPC_PROTO = MediaType.create("application", "grpc+proto");

  private GrpcErrors() {}

  /**
   * The failure as a gRPC answer without a message: headers that are trailers as well. An uncoded
   * failure is logged and becomes INTERNAL.
   */
  public static HttpResponse respond(Throwable failure) {
    Status status = toStatus(Failures.coded(failure));
    ResponseHeadersBuilder trailers =
        ResponseHeaders.builder(HttpStatus.OK)
            .endOfStream(true)
            .contentType(GRPC_PROTO)
            .add("grpc-status", Integer.toString(status.getCode()))
            .add("grpc-message", percentEncoded(status.getMessage()));
    if (status.getDetailsCount() > 0) {
      trailers.add(
          "grpc-status-details-bin",
          Base64.getEncoder().withoutPadding().encodeToString(status.toByteArray()));
    }
    return HttpResponse.of(trailers.build());
  }

  private static String percentEncoded(String message) {
    return URLEncoder.encode(message, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The message OTLP/HTTP answers with, with a RetryInfo where the error has a hint. */
  public static Status toStatus(SignalDbException failure) {
    String message = failure.getMessage();
    Status.Builder status =
        Status.newBuilder()
            .setCode(failure.code().grpcCode().value())
            .setMessage(message == null ? "" : message);
    failure
        .retryAfter()
        .ifPresent(
            wait ->
                status.addDetails(
                    Any.pack(
                        RetryInfo.newBuilder()
                            .setRetryDelay(
                                Duration.newBuilder()
                                    .setSeconds(wait.toSeconds())
                                    .setNanos(wait.toNanosPart()))
                            .build())));
    return status.build();
  }
}
