package io.signaldb.common.auth;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.tenant.TenantContext;
import org.jspecify.annotations.Nullable;

/** Who makes a Flight call: a tenant, or another service acting for whatever tenant it names. */
public final class Caller {
  private final @Nullable TenantContext tenant;
  private final boolean operator;

  private Caller(@Nullable TenantContext tenant, boolean operator) {
    this.tenant = tenant;
    this.operator = operator;
  }

  /** Another service, trusted with every tenant. */
  public static Caller service() {
    return new Caller(null, true);
  }

  /** A tenant's own call. */
  public static Caller of(TenantContext tenant) {
    return new Caller(tenant, false);
  }

  /** Anyone, where no keys are asked for: acts for the one tenant there is, and operates. */
  static Caller withoutKeys(TenantContext tenant) {
    return new Caller(tenant, true);
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
}
