package io.signaldb.common.http;

import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpResponseException;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import io.signaldb.common.error.Failures;
import io.signaldb.common.error.SignalDbException;

/** {@link SignalDbException} as an HTTP response. */
public final class HttpErrors {
  private HttpErrors() {}

  /**
   * The failure as status and one line of plain text; {@code Retry-After} in whole seconds where
   * the error has a hint. An uncoded failure is logged and becomes 500.
   */
  public static HttpResponse respond(Throwable failure) {
    SignalDbException coded = Failures.coded(Exceptions.peel(failure));
    return HttpResponse.of(
        headers(coded, MediaType.PLAIN_TEXT_UTF_8), HttpData.ofUtf8(coded.getMessage() + "\n"));
  }

  /** Status line and headers of an error, for a body of the caller's. */
  public static ResponseHeaders headers(SignalDbException failure, MediaType contentType) {
    ResponseHeadersBuilder headers =
        ResponseHeaders.builder(HttpStatus.valueOf(failure.code().httpStatus()))
            .contentType(contentType);
    failure
        .retryAfter()
        .ifPresent(
            wait ->
                headers.setLong(
                    HttpHeaderNames.RETRY_AFTER, Math.max(1, (wait.toMillis() + 999) / 1000)));
    return headers.build();
  }

  /**
   * For {@code ServerBuilder.errorHandler}: ours by {@link #respond}, Armeria's own as they are.
   */
  public static ServerErrorHandler handler() {
    return (context, failure) -> {
      Throwable cause = Exceptions.peel(failure);
      boolean armerias =
          cause instanceof HttpStatusException
              || cause instanceof HttpResponseException
              || cause instanceof RequestTimeoutException
              || cause instanceof ContentTooLargeException;
      return armerias ? null : respond(cause);
    };
  }
}
