package io.signaldb.common.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

@Doc("Who may do what. Without auth every request acts on tenant default, dataset default.")
public record AuthConfig(
    @Doc("Whether requests need an API key.") @Default("false") boolean enabled,
    @Doc(
            value = "Key of the admin API, which this version does not have yet.",
            example = "sk-admin-key")
        @Secret
        @Nullable String adminApiKey,
    @Doc(
            value =
                "Key the services show each other on Flight. When absent each process makes its own, which is enough when all services share one process.",
            example = "sk-internal-key")
        @Secret
        @Nullable String internalServiceKey,
    @Doc("Whether a service may listen on a non-loopback address although auth is off.")
        @Default("false")
        boolean allowInsecureBind,
    @Doc("How long a key read from the database is believed before it is read again.")
        @Default("5s")
        Duration keyCacheTtl,
    @Doc("Tenants of this file; more may live in the database.") @Default("[]")
        List<TenantConfig> tenants) {}
