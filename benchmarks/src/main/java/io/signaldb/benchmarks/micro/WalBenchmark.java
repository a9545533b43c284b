package io.signaldb.benchmarks.micro;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signaldb.common.wal.Wal;
import io.signaldb.common.wal.WalRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** Durable appends of 250 kB, about a request of 512 spans: one by one, and four at a time. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class WalBenchmark {
  private static final int SEGMENT_BYTES = 64 << 20;
  private static final int PAYLOAD_BYTES = 250_000;

  private final Path directory = temporary();
  private final WalRoot root = started(directory);
  private final Wal wal = root.open("default", "default", "traces");
  private final ByteBuffer payload = ByteBuffer.allocateDirect(PAYLOAD_BYTES);

  /** Frees what an iteration appended, so that the disk does not fill. */
  @TearDown(Level.Iteration)
  public void free() {
    wal.freeThrough(wal.append(payload.duplicate()));
  }

  /** Removes the log. */
  @TearDown
  public void stop() throws IOException {
    root.close();
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Each append waits for its own fsync. */
  @Benchmark
  @Threads(1)
  public long append() {
    return wal.append(payload.duplicate());
  }

  /** Appends share an fsync. */
  @Benchmark
  @Threads(4)
  public long appendTogether() {
    return wal.append(payload.duplicate());
  }

  private static WalRoot started(Path directory) {
    WalRoot root = new WalRoot(directory, SEGMENT_BYTES, new SimpleMeterRegistry());
    root.start();
    return root;
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory(Path.of("").toAbsolutePath(), "wal-benchmark");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
