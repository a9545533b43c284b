package io.signaldb.common.config;

import java.time.Duration;

@Doc("Arrow Flight between the services.")
public record FlightConfig(
    @Doc("Largest message a Flight server or client accepts.")
        @Default("128MiB")
        @Range(min = 1, max = Integer.MAX_VALUE)
        long maxMessageBytes,
    @Doc("Most connections to other services a process keeps open.") @Default("50") int maxClients,
    @Doc("Deadline of one call to another service.") @Default("30s") Duration callTimeout,
    @Doc("A connection unused for this long is closed.") @Default("5m")
        Duration clientIdleTimeout) {}
