package io.signaldb.common.auth;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import org.jspecify.annotations.Nullable;

/**
 * What a request says about its caller, as it came; null for what it does not say.
 *
 * @param authorization the {@code Authorization} header: {@code Bearer <key>}
 * @param tenantId the {@code X-Tenant-ID} header, or the one of Tempo's clients
 * @param datasetId the {@code X-Dataset-ID} header
 */
public record Credentials(
    @Nullable String authorization, @Nullable String tenantId, @Nullable String datasetId) {

  /** Finds a header of a request by its name in lower case. */
  @FunctionalInterface
  public interface Headers {
    /** The header's first value, null if the request has none. */
    @Nullable String first(String name);
  }

  /**
   * What the headers of a request say: {@code Authorization}, {@code X-Tenant-ID} or, as Tempo's
   * clients call it, {@code X-Scope-OrgID}, and {@code X-Dataset-ID}.
   *
   * @throws SignalDbException INVALID_ARGUMENT if the two names of the tenant disagree
   */
  public static Credentials of(Headers headers) {
    String tenant = stripped(headers.first("x-tenant-id"));
    String organization = stripped(headers.first("x-scope-orgid"));
    if (tenant != null && organization != null && !tenant.equals(organization)) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "X-Tenant-ID is '%s' but X-Scope-OrgID is '%s'; expected one of them, or the same tenant"
              .formatted(tenant, organization));
    }
    return new Credentials(
        headers.first("authorization"),
        tenant == null ? organization : tenant,
        headers.first("x-dataset-id"));
  }

  private static @Nullable String stripped(@Nullable String header) {
    return header == null || header.isBlank() ? null : header.strip();
  }

  @Override
  public String toString() {
    return "Credentials[tenantId=%s, datasetId=%s]".formatted(tenantId, datasetId);
  }
}
