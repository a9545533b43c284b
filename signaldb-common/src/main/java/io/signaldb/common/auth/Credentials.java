package io.signaldb.common.auth;

import org.jspecify.annotations.Nullable;

/**
 * What a request says about its caller, as it came; null for what it does not say.
 *
 * @param authorization the {@code Authorization} header: {@code Bearer <key>}
 * @param tenantId the {@code X-Tenant-ID} header
 * @param datasetId the {@code X-Dataset-ID} header
 */
public record Credentials(
    @Nullable String authorization, @Nullable String tenantId, @Nullable String datasetId) {
  @Override
  public String toString() {
    return "Credentials[tenantId=%s, datasetId=%s]".formatted(tenantId, datasetId);
  }
}
