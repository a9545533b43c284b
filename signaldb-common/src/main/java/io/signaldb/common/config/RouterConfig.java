package io.signaldb.common.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

@Doc("The Router: the HTTP API and the Flight gateway.")
public record RouterConfig(
    @Doc("Address to listen on.") @Default("127.0.0.1") String bind,
    @Doc(
            value =
                "Address other services and clients reach it at, HOST or HOST:PORT; bind when absent.",
            example = "10.0.0.5")
        @Nullable String advertise,
    @Doc("Port of HTTP.") @Default("3000") @Range(min = 0, max = 65535) int httpPort,
    @Doc("Port of Flight.") @Default("50053") @Range(min = 0, max = 65535) int flightPort,
    @Doc("A query without an answer after this long fails.") @Default("30s") Duration queryTimeout,
    @Doc(
            "Metrics queries end this long before now at the latest, as Tempo's do: the last"
                + " intervals would be incomplete; 0s for now.")
        @Default("30s")
        @Range(min = 0)
        Duration metricsEndCutoff) {}
