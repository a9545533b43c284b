package io.signaldb.common.http;

import com.linecorp.armeria.common.HttpResponse;

/** {@link io.signaldb.common.error.SignalDbException} as an HTTP response. */
public final class HttpErrors {
  private HttpErrors() {}

  /** The failure as status and plain text; {@code Retry-After} where the error has a hint. */
  public static HttpResponse respond(Throwable failure) {
    throw new UnsupportedOperationException("not implemented yet");
  }
}
