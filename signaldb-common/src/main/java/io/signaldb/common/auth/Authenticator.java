package io.signaldb.common.auth;

import io.signaldb.common.catalog.ServiceCatalog;
import io.signaldb.common.catalog.StoredKey;
import io.signaldb.common.catalog.Tenant;
import io.signaldb.common.catalog.Tenants;
import io.signaldb.common.config.ApiKeyConfig;
import io.signaldb.common.config.AuthConfig;
import io.signaldb.common.config.TenantConfig;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.tenant.Slugs;
import io.signaldb.common.tenant.TenantContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides who a request comes from and which tenant and dataset it acts on; the same for HTTP, gRPC
 * and Flight. Safe for use by many threads; may read the database, so call it off event loops.
 */
public final class Authenticator {
  private static final String DEFAULT_NAME = "default";

  private final boolean enabled;
  private final @Nullable ApiKey serviceKey;
  private final List<ConfiguredKey> configuredKeys = new ArrayList<>();
  private final List<Tenant> configuredTenants = new ArrayList<>();
  private final Tenants tenants;
  private final Duration cacheTtl;
  private final Clock clock;
  private final ConcurrentHashMap<String, CachedKey> cache = new ConcurrentHashMap<>();

  private record ConfiguredKey(ApiKey key, Tenant tenant) {}

  private record CachedKey(StoredKey key, Instant until) {}

  public Authenticator(AuthConfig config, ServiceCatalog catalog, Clock clock) {
    this.enabled = config.enabled();
    String configured = config.internalServiceKey();
    this.serviceKey =
        !enabled ? null : configured == null ? ApiKey.random() : new ApiKey(configured);
    for (TenantConfig tenantConfig : config.tenants()) {
      Tenant tenant = tenant(tenantConfig);
      configuredTenants.add(tenant);
      for (ApiKeyConfig key : tenantConfig.apiKeys()) {
        configuredKeys.add(new ConfiguredKey(new ApiKey(key.key()), tenant));
      }
    }
    this.tenants = new Tenants(catalog);
    this.cacheTtl = config.keyCacheTtl();
    this.clock = clock;
  }

  private static Tenant tenant(TenantConfig config) {
    return new Tenant(
        config.id(),
        config.slug(),
        config.defaultDataset(),
        config.datasets().stream()
            .map(d -> new Tenant.Dataset(d.id(), d.slug(), d.isDefault()))
            .toList());
  }

  /** The key services of this process show to others; null when auth is off. */
  public @Nullable String serviceKey() {
    return serviceKey == null ? null : serviceKey.text();
  }

  /**
   * Resolves the tenant and dataset of a request.
   *
   * @throws SignalDbException UNAUTHENTICATED without a valid key, PERMISSION_DENIED if the tenant
   *     or dataset named is not the key's, INVALID_ARGUMENT for a malformed name or header or when
   *     no dataset is named and the tenant has no default, UNAVAILABLE if the database cannot be
   *     asked
   */
  public TenantContext authenticate(Credentials credentials) {
    return tenantCaller(credentials).tenant();
  }

  private Caller tenantCaller(Credentials credentials) {
    String tenantId = name("tenant id", credentials.tenantId());
    String datasetId = name("dataset id", credentials.datasetId());
    if (!enabled) {
      return Caller.withoutKeys(withoutAuth(tenantId, datasetId));
    }
    Tenant owner = owner(ApiKey.bearer(credentials.authorization()));
    return Caller.of(resolve(owner, tenantId, datasetId), owner);
  }

  /** As {@link #authenticate}, for Flight, where other services come with their own key. */
  public Caller authenticateCaller(Credentials credentials) {
    if (serviceKey != null && serviceKey.matches(ApiKey.bearer(credentials.authorization()))) {
      return Caller.service();
    }
    return tenantCaller(credentials);
  }

  private static @Nullable String name(String what, @Nullable String header) {
    if (header == null || header.isBlank()) {
      return null;
    }
    return Slugs.require(what, header.strip());
  }

  private static TenantContext withoutAuth(@Nullable String tenantId, @Nullable String datasetId) {
    requireDefault("Tenant", tenantId);
    requireDefault("Dataset", datasetId);
    return new TenantContext(DEFAULT_NAME, DEFAULT_NAME, DEFAULT_NAME, DEFAULT_NAME);
  }

  private static void requireDefault(String what, @Nullable String name) {
    if (name != null && !name.equals(DEFAULT_NAME)) {
      throw new SignalDbException(
          ErrorCode.PERMISSION_DENIED,
          "%s '%s' cannot be used while auth is disabled; expected '%s' or no header"
              .formatted(what, name, DEFAULT_NAME));
    }
  }

  private Tenant owner(ApiKey key) {
    Tenant owner = null;
    for (ConfiguredKey candidate : configuredKeys) {
      if (candidate.key().matches(key)) {
        owner = candidate.tenant();
      }
    }
    if (owner != null) {
      return owner;
    }
    StoredKey stored =
        findStored(key.hash())
            .filter(k -> k.expiresAt() == null || clock.instant().isBefore(k.expiresAt()))
            .orElseThrow(Authenticator::unknownKey);
    return configuredFirst(stored.tenant());
  }

  private static SignalDbException unknownKey() {
    return new SignalDbException(
        ErrorCode.UNAUTHENTICATED, "The API key is unknown, revoked or expired");
  }

  private Optional<StoredKey> findStored(String hash) {
    Instant now = clock.instant();
    CachedKey cached = cache.get(hash);
    if (cached != null && now.isBefore(cached.until())) {
      return Optional.of(cached.key());
    }
    Optional<StoredKey> found = tenants.findKey(hash);
    found.ifPresentOrElse(
        key -> cache.put(hash, new CachedKey(key, now.plus(cacheTtl))), () -> cache.remove(hash));
    return found;
  }

  /** A tenant of the file hides one of the database with its id, and keeps its slug to itself. */
  private Tenant configuredFirst(Tenant stored) {
    for (Tenant configured : configuredTenants) {
      if (configured.id().equals(stored.id())) {
        return configured;
      }
      if (configured.slug().equals(stored.slug())) {
        throw new SignalDbException(
            ErrorCode.PERMISSION_DENIED,
            "Tenant '%s' cannot be used: its slug '%s' is that of tenant '%s' in the configuration"
                .formatted(stored.id(), stored.slug(), configured.id()));
      }
    }
    return stored;
  }

  private static TenantContext resolve(
      Tenant tenant, @Nullable String tenantId, @Nullable String datasetId) {
    if (tenantId != null && !tenantId.equals(tenant.id())) {
      throw new SignalDbException(
          ErrorCode.PERMISSION_DENIED,
          "API key does not belong to tenant '%s'".formatted(tenantId));
    }
    Tenant.Dataset dataset =
        datasetId == null
            ? defaultDataset(tenant)
            : tenant
                .findDataset(datasetId)
                .orElseThrow(
                    () ->
                        new SignalDbException(
                            ErrorCode.PERMISSION_DENIED,
                            "Tenant '%s' has no dataset '%s'".formatted(tenant.id(), datasetId)));
    return new TenantContext(tenant.id(), dataset.id(), tenant.slug(), dataset.slug());
  }

  private static Tenant.Dataset defaultDataset(Tenant tenant) {
    String named = tenant.defaultDataset();
    Optional<Tenant.Dataset> dataset =
        named != null
            ? tenant.findDataset(named)
            : tenant.datasets().stream().filter(Tenant.Dataset::isDefault).findFirst();
    return dataset.orElseThrow(
        () ->
            new SignalDbException(
                ErrorCode.INVALID_ARGUMENT,
                "X-Dataset-ID header required: tenant '%s' has no default dataset"
                    .formatted(tenant.id())));
  }
}
