package io.signaldb.common.http;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.signaldb.common.error.Failures;
import io.signaldb.common.error.SignalDbException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** {@link SignalDbException} as a gRPC status. */
public final class GrpcErrors {
  private static final MediaType GRPC_PROTO = MediaType.create("application", "grpc+proto");

  private GrpcErrors() {}

  /** What to hand to a response observer; an uncoded failure is logged and becomes INTERNAL. */
  public static StatusRuntimeException toGrpc(Throwable failure) {
    return failure instanceof StatusRuntimeException grpc
        ? grpc
        : StatusProto.toStatusRuntimeException(toStatus(Failures.coded(failure)));
  }

  static boolean isGrpc(RequestHeaders headers) {
    MediaType type = headers.contentType();
    return type != null && type.subtype().startsWith("grpc");
  }

  /** The failure as a gRPC answer without a message body: status and trailers only. */
  static HttpResponse respond(Throwable failure) {
    SignalDbException coded = Failures.coded(failure);
    return HttpResponse.of(
        ResponseHeaders.builder(HttpStatus.OK)
            .contentType(GRPC_PROTO)
            .add("grpc-status", Integer.toString(coded.code().grpcCode().value()))
            .add("grpc-message", percentEncoded(coded.getMessage()))
            .build());
  }

  private static String percentEncoded(@Nullable String message) {
    return message == null
        ? ""
        : URLEncoder.encode(message, StandardCharsets.UTF_8).replace("+", "%20");
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
