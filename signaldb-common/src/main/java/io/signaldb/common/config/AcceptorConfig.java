package io.signaldb.common.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

@Doc("The Acceptor: OTLP in.")
public record AcceptorConfig(
    @Doc("Address to listen on.") @Default("127.0.0.1") String bind,
    @Doc(
            value =
                "Address other services and clients reach it at, HOST or HOST:PORT; bind when absent.",
            example = "10.0.0.5")
        @Nullable String advertise,
    @Doc("Port of OTLP/gRPC.") @Default("4317") @Range(min = 0, max = 65535) int grpcPort,
    @Doc("Port of OTLP/HTTP.") @Default("4318") @Range(min = 0, max = 65535) int httpPort,
    @Doc("Largest request, uncompressed.")
        @Default("64MiB")
        @Range(min = 1, max = Integer.MAX_VALUE)
        long maxRequestBytes,
    @Doc(
            value =
                "Longest attribute value in UTF-8 bytes; spans with a longer one are rejected. Unlimited"
                    + " when absent.",
            example = "64KiB")
        @Nullable Long maxAttributeValueBytes,
    @Doc("Spans that start later than now plus this are rejected.") @Default("1h")
        Duration maxFuture,
    @Doc("Spans that start earlier than now minus this are rejected.") @Default("336h")
        Duration maxPast,
    @Doc("Requests being decoded and stored may hold this much; more are told to retry.")
        @Default("256MiB")
        long maxInflightBytes) {}
