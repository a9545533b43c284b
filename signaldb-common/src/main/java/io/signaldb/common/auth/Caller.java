package io.signaldb.common.auth;

import io.signaldb.common.catalog.Tenant;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.tenant.TenantContext;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who makes a Flight call: a tenant, or another service acting for whatever tenant it names. */
public final class Caller {
  private final @Nullable TenantContext tenant;
  private final @Nullable Tenant owner;
  private final boolean operator;

  private Caller(@Nullable TenantContext tenant, @Nullable Tenant owner, boolean operator) {
    this.tenant = tenant;
    this.owner = owner;
    this.operator = operator;
  }

  /** Another service, trusted with every tenant. */
  public static Caller service() {
    return new Caller(null, null, true);
  }

  /** A tenant's own call on one of its datasets. */
  static Caller of(TenantContext tenant, Tenant owner) {
    return new Caller(tenant, owner, false);
  }

  /** Anyone, where no keys are asked for: acts for the one tenant there is, and operates. */
  static Caller withoutKeys(TenantContext tenant) {
    return new Caller(tenant, null, true);
  }

  /**
   * Checks that the caller may do what concerns every tenant.
   *
   * @param what it wants to do: "the action 'flush'"
   * @throws SignalDbException PERMISSION_DENIED for a tenant's key
   */
  public void requireOperator(String what) {
    if (!operator) {
      throw new SignalDbException(
          ErrorCode.PERMISSION_DENIED,
          "A tenant's key does not allow %s: expected the internal service key".formatted(what));
    }
  }

  /**
   * Checks that the caller may act on a dataset.
   *
   * @throws SignalDbException PERMISSION_DENIED if it belongs to someone else
   */
  public void requireAccess(String tenantSlug, String datasetSlug) {
    if (tenant != null
        && !(tenant.tenantSlug().equals(tenantSlug) && tenant.datasetSlug().equals(datasetSlug))) {
      throw new SignalDbException(
          ErrorCode.PERMISSION_DENIED,
          "Dataset '%s' of tenant '%s' is not the caller's; expected dataset '%s' of tenant '%s'"
              .formatted(datasetSlug, tenantSlug, tenant.datasetSlug(), tenant.tenantSlug()));
    }
  }

  /** As {@link #requireAccess(String, String)}, comparing ids as well. */
  public void requireAccess(TenantContext wanted) {
    requireAccess(wanted.tenantSlug(), wanted.datasetSlug());
    if (tenant != null && !tenant.equals(wanted)) {
      throw new SignalDbException(
          ErrorCode.PERMISSION_DENIED,
          "Dataset '%s' of tenant '%s' is not the caller's"
              .formatted(wanted.datasetId(), wanted.tenantId()));
    }
  }

  /**
   * The caller's tenant.
   *
   * @throws SignalDbException INVALID_ARGUMENT if the caller is a service
   */
  public TenantContext tenant() {
    if (tenant == null) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "The internal service key names no tenant; expected a ticket or descriptor that does");
    }
    return tenant;
  }

  /**
   * Slugs of all datasets that the caller may name, that of {@link #tenant} among them, sorted.
   *
   * @throws SignalDbException as {@link #tenant}
   */
  public List<String> datasetSlugs() {
    Stream<String> named =
        owner == null ? Stream.of() : owner.datasets().stream().map(Tenant.Dataset::slug);
    return Stream.concat(Stream.of(tenant().datasetSlug()), named).distinct().sorted().toList();
  }
}
