package io.signaldb.common.catalog;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Rows of tenants, datasets and keys in a catalog. */
public final class TestTenants {
  private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

  private final ServiceCatalog catalog;

  public TestTenants(ServiceCatalog catalog) {
    this.catalog = catalog;
  }

  public void tenant(String id, String slug, @Nullable String defaultDataset) {
    catalog.update(
        """
        INSERT INTO tenants (id, slug, name, default_dataset, source, created_at, updated_at)
        VALUES (?, ?, ?, ?, 'database', ?, ?)""",
        id,
        slug,
        "Tenant " + id,
        defaultDataset,
        CREATED,
        CREATED);
  }

  public void dataset(String tenantId, String name, String slug) {
    catalog.update(
        "INSERT INTO datasets (id, tenant_id, name, slug, created_at) VALUES (?, ?, ?, ?, ?)",
        UUID.randomUUID(),
        tenantId,
        name,
        slug,
        CREATED);
  }

  public void key(String tenantId, String key, @Nullable Instant expiresAt) {
    catalog.update(
        """
        INSERT INTO api_keys (id, key_hash, tenant_id, name, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?)""",
        UUID.randomUUID(),
        sha256(key),
        tenantId,
        null,
        CREATED,
        expiresAt);
  }

  public void revoke(String key) {
    catalog.update("UPDATE api_keys SET revoked_at = ? WHERE key_hash = ?", CREATED, sha256(key));
  }

  static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
