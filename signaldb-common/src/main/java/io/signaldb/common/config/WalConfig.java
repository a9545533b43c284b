package io.signaldb.common.config;

import java.nio.file.Path;

@Doc("The write-ahead logs of Acceptor and Writer.")
public record WalConfig(
    @Doc("Directory with one log per tenant, dataset and signal.") @Default(".data/wal")
        Path walDir,
    @Doc("A segment file is closed when it reaches this size.") @Default("64MiB")
        long maxSegmentSize) {}
