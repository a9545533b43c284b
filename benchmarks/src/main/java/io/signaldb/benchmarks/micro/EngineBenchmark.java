package io.signaldb.benchmarks.micro;

import io.signaldb.common.schema.TableSchema;
import io.signaldb.datafusion.DataFrame;
import io.signaldb.datafusion.DataFusionRuntime;
import io.signaldb.datafusion.FileRef;
import io.signaldb.datafusion.MemoryTable;
import io.signaldb.datafusion.ParquetFileInfo;
import io.signaldb.datafusion.ParquetWriteOptions;
import io.signaldb.datafusion.RuntimeOptions;
import io.signaldb.datafusion.SessionContext;
import io.signaldb.datafusion.StagedBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The native engine's part: taking a batch, v1 to v2, writing and scanning files. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class EngineBenchmark {
  private static final int REQUESTS = 200;
  private static final String[] FRESH = {"fresh"};
  private static final String[] STORED = {"stored"};

  private final TableSchema traces = Batches.traces();
  private final List<ByteBuffer> batches = Batches.ipc(REQUESTS);
  private final BufferAllocator allocator = new RootAllocator();
  private final DataFusionRuntime runtime =
      DataFusionRuntime.open(new RuntimeOptions(2L << 30, null, 2, Map.of()));
  private final MemoryTable table = filled();
  private final Path file = Path.of("engine-benchmark.parquet").toAbsolutePath();
  private final long fileBytes = write().bytes();
  private int next;

  /** Decodes and checks a batch of 512 spans. */
  @Benchmark
  public long stage() {
    try (StagedBatch staged = table.stage(batches.get(next++ % REQUESTS).duplicate())) {
      return staged.rows();
    }
  }

  /** The wire columns of 102 400 spans as storage columns, streamed to Java. */
  @Benchmark
  public long project() throws IOException {
    try (SessionContext session = runtime.newSession()) {
      session.registerMemoryTable(FRESH, table, -1, Long.MAX_VALUE);
      return rows(session, "SELECT * FROM fresh");
    }
  }

  /** The same, sorted and written to one Parquet file. */
  @Benchmark
  public ParquetFileInfo writeParquet() {
    return write();
  }

  /** A column of 102 400 stored spans filtered. */
  @Benchmark
  public long scanColumn() throws IOException {
    return scan("SELECT trace_id, span_id FROM stored WHERE duration_nanos > 1000000000");
  }

  /** A map of 102 400 stored spans filtered. */
  @Benchmark
  public long scanMap() throws IOException {
    return scan(
        "SELECT trace_id, span_id FROM stored WHERE span_attributes['app.customer.id'] = 'nobody'");
  }

  /** Frees native memory and the file. */
  @TearDown
  public void close() throws IOException {
    table.close();
    runtime.close();
    allocator.close();
    Files.deleteIfExists(file);
  }

  private MemoryTable filled() {
    MemoryTable filled =
        MemoryTable.create(runtime, traces.wireArrow(), traces.storageExpressions(), "trace_id");
    for (int i = 0; i < REQUESTS; i++) {
      try (StagedBatch staged = filled.stage(batches.get(i).duplicate())) {
        staged.publish(i);
      }
    }
    return filled;
  }

  private ParquetFileInfo write() {
    return table.writeParquet(
        -1,
        Long.MAX_VALUE,
        "",
        file.toUri().toString(),
        ParquetWriteOptions.sorted(traces.storageArrow(), traces.sortBy())
            .withBloomFilterColumns(List.of("trace_id")));
  }

  private long scan(String sql) throws IOException {
    try (SessionContext session = runtime.newSession()) {
      session.registerParquet(
          STORED,
          traces.storageArrow(),
          List.of(new FileRef(file.toUri().toString(), fileBytes)),
          traces.sortBy());
      return rows(session, sql);
    }
  }

  private long rows(SessionContext session, String sql) throws IOException {
    long rows = 0;
    try (DataFrame frame = session.sql(sql);
        ArrowReader reader = frame.executeStream(allocator)) {
      while (reader.loadNextBatch()) {
        rows += reader.getVectorSchemaRoot().getRowCount();
      }
    }
    return rows;
  }
}
