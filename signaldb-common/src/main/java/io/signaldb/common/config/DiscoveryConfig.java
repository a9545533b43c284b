package io.signaldb.common.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

@Doc("How services find each other.")
public record DiscoveryConfig(
    @Doc(
            value = "The service catalog's database; database.dsn when absent.",
            example = "sqlite://.data/signaldb.db")
        @Nullable DatabaseDsn dsn,
    @Doc("How often a service reports that it is alive.") @Default("30s")
        Duration heartbeatInterval,
    @Doc("How long a list of services is used before it is read again.") @Default("1s")
        Duration pollInterval,
    @Doc("A service whose last heartbeat is older than this is treated as gone.") @Default("300s")
        Duration ttl) {}
