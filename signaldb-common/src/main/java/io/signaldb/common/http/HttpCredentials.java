package io.signaldb.common.http;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.RequestHeaders;
import io.signaldb.common.auth.Credentials;

/** {@link Credentials} of HTTP and gRPC requests. */
public final class HttpCredentials {
  private HttpCredentials() {}

  /**
   * What the headers say: {@code Authorization}, {@code X-Tenant-ID} or, as Tempo's clients call
   * it, {@code X-Scope-OrgID}, and {@code X-Dataset-ID}.
   */
  public static Credentials of(RequestHeaders headers) {
    String tenant = headers.get("x-tenant-id");
    return new Credentials(
        headers.get(HttpHeaderNames.AUTHORIZATION),
        tenant == null ? headers.get("x-scope-orgid") : tenant,
        headers.get("x-dataset-id"));
  }
}
