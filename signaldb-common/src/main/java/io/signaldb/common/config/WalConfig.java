package io.signaldb.common.config;

import java.nio.file.Path;

@Doc("The Writer's write-ahead logs, and the batch ids of Acceptors.")
@Superseded(
    keys = {"max_buffer_entries", "max_buffer_size_bytes", "flush_interval", "flush_interval_secs"},
    reason = "every append is on disk before it is acknowledged")
public record WalConfig(
    @Doc("Directory with one log per tenant, dataset and signal.") @Default(".data/wal")
        Path walDir,
    @Doc("A segment file is closed when it reaches this size.") @Default("64MiB")
        long maxSegmentSize) {}
