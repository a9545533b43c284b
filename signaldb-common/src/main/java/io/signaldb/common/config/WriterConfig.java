package io.signaldb.common.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

@Doc("The Writer: Arrow in over Flight, Iceberg out.")
public record WriterConfig(
    @Doc("Address to listen on.") @Default("127.0.0.1") String bind,
    @Doc(
            value = "Address other services reach it at, HOST or HOST:PORT; bind when absent.",
            example = "10.0.0.5")
        @Nullable String advertise,
    @Doc("Port of Flight; 50051 in the monolith unless set.")
        @Default("50061")
        @Range(min = 0, max = 65535)
        int flightPort,
    @Doc("How often tables are looked at for rows to commit.") @Default("5s")
        Duration commitInterval,
    @Doc("A table is committed when it has this many uncommitted bytes.") @Default("64MiB")
        long commitBytes,
    @Doc("A table is committed when its oldest uncommitted row is this old.") @Default("30s")
        Duration commitMaxAge,
    @Doc("Uncommitted rows may hold this much; more batches are told to retry.") @Default("1GiB")
        long maxUncommittedBytes,
    @Doc("Zstandard level of Parquet files.") @Default("3") @Range(min = 1, max = 22)
        int zstdLevel) {}
