package io.signaldb.common.catalog;

import io.signaldb.common.error.SignalDbException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tenants, their datasets and keys in the service catalog. Safe for use by many threads. */
public final class Tenants {
  private final ServiceCatalog catalog;

  public Tenants(ServiceCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * The key with a hash, unless it is revoked.
   *
   * @param keyHash SHA-256 of the key in lower-case hexadecimal
   * @throws SignalDbException UNAVAILABLE if the database fails
   */
  public Optional<StoredKey> findKey(String keyHash) {
    record Found(
        String tenantId,
        String slug,
        @Nullable String defaultDataset,
        @Nullable Instant expiresAt) {}
    List<Found> found =
        catalog.query(
            """
            SELECT t.id, t.slug, t.default_dataset, k.expires_at
            FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
            WHERE k.key_hash = ? AND k.revoked_at IS NULL""",
            row ->
                new Found(
                    row.text("id"),
                    row.text("slug"),
                    row.textOrNull("default_dataset"),
                    row.instantOrNull("expires_at")),
            keyHash);
    return found.stream()
        .findFirst()
        .map(
            key ->
                new StoredKey(
                    new Tenant(
                        key.tenantId(), key.slug(), key.defaultDataset(), datasets(key.tenantId())),
                    key.expiresAt()));
  }

  private List<Tenant.Dataset> datasets(String tenantId) {
    return catalog.query(
        "SELECT name, slug FROM datasets WHERE tenant_id = ? ORDER BY name",
        row -> new Tenant.Dataset(row.text("name"), row.text("slug"), false),
        tenantId);
  }
}
