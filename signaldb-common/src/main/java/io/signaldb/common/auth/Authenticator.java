package io.signaldb.common.auth;

import io.signaldb.common.catalog.ServiceCatalog;
import io.signaldb.common.config.AuthConfig;
import io.signaldb.common.tenant.TenantContext;
import java.time.Clock;

/**
 * Decides who a request comes from and which tenant and dataset it acts on; the same for HTTP, gRPC
 * and Flight. Safe for use by many threads; may read the database, so call it off event loops.
 */
public final class Authenticator {

  public Authenticator(AuthConfig config, ServiceCatalog catalog, Clock clock) {}

  /**
   * Resolves the tenant and dataset of a request.
   *
   * @throws io.signaldb.common.error.SignalDbException UNAUTHENTICATED without a valid key,
   *     PERMISSION_DENIED if the tenant or dataset named is not the key's, INVALID_ARGUMENT for a
   *     malformed name or when no dataset is named and the tenant has no default, UNAVAILABLE if
   *     the database cannot be asked
   */
  public TenantContext authenticate(Credentials credentials) {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** As {@link #authenticate}, for Flight, where other services come with the internal key. */
  public Caller authenticateCaller(Credentials credentials) {
    return Caller.of(authenticate(credentials));
  }
}
