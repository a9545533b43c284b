package io.signaldb.common.wal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;

/** What the logs of a root count; the tag {@code wal} is the name of the root directory. */
final class WalMeters {
  private final MeterRegistry registry;
  private final String wal;
  private final Timer syncs;
  private final Counter entries;
  private final Counter bytes;
  private final Counter failures;
  private final Counter deadLetters;

  WalMeters(MeterRegistry registry, String wal) {
    this.registry = registry;
    this.wal = wal;
    syncs =
        Timer.builder("signaldb.wal.sync")
            .description("Time to write and sync one group of appends")
            .tag("wal", wal)
            .register(registry);
    entries = counter("signaldb.wal.entries", "Entries appended");
    bytes = counter("signaldb.wal.bytes", "Bytes appended");
    failures = counter("signaldb.wal.failures", "Groups of appends the disk refused");
    deadLetters =
        counter(
            "signaldb.wal.dead.letters", "Entries set aside as damaged or impossible to process");
  }

  void backlog(Supplier<Number> backlogBytes) {
    Gauge.builder("signaldb.wal.backlog", backlogBytes)
        .description("Bytes appended and not yet freed")
        .baseUnit("bytes")
        .tag("wal", wal)
        .register(registry);
  }

  Timer syncs() {
    return syncs;
  }

  void appended(int groupEntries, long groupBytes) {
    entries.increment(groupEntries);
    bytes.increment((double) groupBytes);
  }

  void failed() {
    failures.increment();
  }

  void deadLettered() {
    deadLetters.increment();
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).tag("wal", wal).register(registry);
  }
}
