package io.signaldb.writer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.apache.iceberg.DataFile;

/** What the Writer counts, under {@code signaldb.writer}. Thread-safe. */
final class WriterMeters {
  private final Counter batches;
  private final Counter rows;
  private final Counter bytes;
  private final Counter repeated;
  private final Counter refused;
  private final Counter commits;
  private final Counter commitFailures;
  private final Counter committedRows;
  private final Counter committedBytes;
  private final Counter files;
  private final Counter deadLetters;
  private final Timer commitTime;

  WriterMeters(MeterRegistry registry) {
    batches = counter(registry, "batches", "Batches stored");
    rows = counter(registry, "rows", "Rows stored");
    bytes = counter(registry, "bytes", "Native memory of the rows stored, in bytes");
    repeated = counter(registry, "batches.repeated", "Batches sent again and not stored again");
    refused = counter(registry, "batches.refused", "Batches answered with an error");
    commits = counter(registry, "commits", "Iceberg commits");
    commitFailures = counter(registry, "commit.failures", "Attempts to commit that failed");
    committedRows = counter(registry, "committed.rows", "Rows in commits");
    committedBytes = counter(registry, "committed.bytes", "Bytes of data files in commits");
    files = counter(registry, "files", "Data files in commits");
    deadLetters =
        counter(
            registry, "dead.letters", "Batches put aside because they cannot be read or written");
    commitTime =
        Timer.builder("signaldb.writer.commit.time")
            .description("Time of an attempt to commit, Parquet included")
            .publishPercentileHistogram()
            .register(registry);
  }

  /**
   * Adds gauges.
   *
   * @param bytes native memory of the uncommitted rows
   * @param age how long the oldest uncommitted row has been waiting
   */
  void gauges(MeterRegistry registry, Supplier<Number> bytes, Supplier<Duration> age) {
    Gauge.builder("signaldb.writer.uncommitted.bytes", bytes)
        .description("Native memory of rows not yet committed")
        .register(registry);
    Gauge.builder("signaldb.writer.uncommitted.age.seconds", () -> age.get().toMillis() / 1e3)
        .description("How long the oldest uncommitted row has been waiting")
        .register(registry);
  }

  void stored(long rowCount, long byteCount) {
    batches.increment();
    rows.increment((double) rowCount);
    bytes.increment((double) byteCount);
  }

  void repeated() {
    repeated.increment();
  }

  void refused() {
    refused.increment();
  }

  void committed(long rowCount, List<DataFile> dataFiles) {
    commits.increment();
    committedRows.increment((double) rowCount);
    files.increment(dataFiles.size());
    dataFiles.forEach(file -> committedBytes.increment((double) file.fileSizeInBytes()));
  }

  void commitFailed() {
    commitFailures.increment();
  }

  void commitTook(Duration time) {
    commitTime.record(time);
  }

  void deadLettered() {
    deadLetters.increment();
  }

  private static Counter counter(MeterRegistry registry, String name, String description) {
    return Counter.builder("signaldb.writer." + name).description(description).register(registry);
  }
}
