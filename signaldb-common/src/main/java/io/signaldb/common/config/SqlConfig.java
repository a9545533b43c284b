package io.signaldb.common.config;

import java.time.Duration;

@Doc("SQL over Flight: what the Router passes on and a Querier runs.")
public record SqlConfig(
    @Doc("A statement that runs longer, reading its answer included, is stopped.") @Default("2m")
        Duration timeout,
    @Doc("Rows in an answer at most; a statement that has more fails.") @Default("1000000")
        long maxRows,
    @Doc("Length of a statement at most, in UTF-8 bytes.")
        @Default("256KiB")
        @Range(min = 1, max = 16 << 20)
        long maxTextBytes,
    @Doc("Memory of all running statements together, outside the Java heap.") @Default("512MiB")
        long memoryBytes,
    @Doc("Statements a Querier runs at once; more wait, then are told to retry.") @Default("4")
        int maxConcurrent,
    @Doc("Statements of one tenant a Querier runs at once, so that others have their share.")
        @Default("2")
        int maxConcurrentPerTenant) {}
