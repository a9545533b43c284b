package io.signaldb.common.http;

import com.linecorp.armeria.common.RequestHeaders;
import io.signaldb.common.auth.Credentials;

/** {@link Credentials} of HTTP and gRPC requests. */
public final class HttpCredentials {
  private HttpCredentials() {}

  /** As {@link Credentials#of}. */
  public static Credentials of(RequestHeaders headers) {
    return Credentials.of(headers::get);
  }
}
