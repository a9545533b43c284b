package io.signaldb.common.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

@Doc("The Querier: query plans on DataFusion.")
public record QuerierConfig(
    @Doc("Address to listen on.") @Default("127.0.0.1") String bind,
    @Doc(
            value = "Address other services reach it at, HOST or HOST:PORT; bind when absent.",
            example = "10.0.0.5")
        @Nullable String advertise,
    @Doc("Port of Flight.") @Default("50054") @Range(min = 0, max = 65535) int flightPort,
    @Doc(
            "Memory of all queries that run in a process together, outside the Java heap; counts for a"
                + " Writer too, whose queries are those of its fresh rows.")
        @Default("512MiB")
        long memoryBytes,
    @Doc("Directory for what does not fit into memory_bytes.") @Default(".data/spill")
        Path spillDir,
    @Doc("Queries running at once; more wait, then are told to retry.") @Default("8")
        int maxConcurrentQueries,
    @Doc("A query that runs longer is stopped.") @Default("30s") Duration queryTimeout,
    @Doc("Time series in the answer to a metrics query at most; one that makes more fails.")
        @Default("10000")
        @Range(min = 1, max = 1_000_000)
        int maxSeries) {}
