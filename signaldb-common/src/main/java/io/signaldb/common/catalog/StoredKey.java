package io.signaldb.common.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An API key of the database that is not revoked.
 *
 * @param tenant whose key it is
 * @param expiresAt from then on the key is no longer valid; null for never
 */
public record StoredKey(Tenant tenant, @Nullable Instant expiresAt) {}
