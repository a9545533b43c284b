package io.signaldb.writer;

import io.signaldb.common.engine.Engine;
import io.signaldb.common.iceberg.IcebergTables;
import io.signaldb.common.schema.TableSchema;
import io.signaldb.datafusion.DataFrame;
import io.signaldb.datafusion.DataFusionException;
import io.signaldb.datafusion.ParquetFileInfo;
import io.signaldb.datafusion.ParquetWriteOptions;
import io.signaldb.datafusion.SessionContext;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.TimeStampMicroVector;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/**
 * Parquet files by DataFusion: one per hour, sorted, in the storage form of the table. Thread-safe.
 */
final class ParquetFiles implements DataFileWriter {
  /** Identifiers and times: a dictionary of values that seldom repeat only costs. */
  private static final List<String> PLAIN =
      List.of(
          "trace_id",
          "span_id",
          "parent_span_id",
          "start_time_unix_nano",
          "end_time_unix_nano",
          "duration_nanos",
          "timestamp");

  private static final List<String> BLOOM = List.of("trace_id");
  private static final String[] SOURCE = {"batches"};

  private final Engine engine;
  private final BufferAllocator allocator;
  private final int zstdLevel;

  /**
   * @param allocator borrowed
   */
  ParquetFiles(Engine engine, BufferAllocator allocator, int zstdLevel) {
    this.engine = engine;
    this.allocator = allocator;
    this.zstdLevel = zstdLevel;
  }

  @Override
  public List<DataFile> write(Table table, TableRows rows, long after, long through) {
    PartitionField partition = table.spec().fields().get(0);
    String time = time(table, partition);
    String hour = "date_trunc('hour', %s)".formatted(quoted(time));
    String written = notDeadLettered(rows);
    List<DataFile> files = new ArrayList<>();
    Set<Instant> hours = hours(rows, after, through, time, written);
    for (Instant each : hours) {
      String condition =
          hours.size() == 1
              ? written
              : "%s = to_timestamp_micros(%d) AND %s"
                  .formatted(hour, ChronoUnit.MICROS.between(Instant.EPOCH, each), written);
      files.add(write(table, rows, after, through, each, condition));
    }
    return files;
  }

  private static String time(Table table, PartitionField partition) {
    return table.schema().findColumnName(partition.sourceId());
  }

  private static String notDeadLettered(TableRows rows) {
    List<Long> excluded = rows.deadLettered();
    return excluded.isEmpty()
        ? "TRUE"
        : excluded.stream()
            .map(String::valueOf)
            .collect(Collectors.joining(", ", "_position NOT IN (", ")"));
  }

  /**
   * The hours of the rows to write, in order. Read without the planner: an aggregation would take
   * its memory from the pool of the queries, which may be full, and a commit must not wait for it.
   */
  private Set<Instant> hours(
      TableRows rows, long after, long through, String time, String condition) {
    Set<Instant> hours = new TreeSet<>();
    try (SessionContext session = engine.runtime().newSession()) {
      session.registerMemoryTable(SOURCE, rows.memory(), after, through);
      try (DataFrame query = session.select(SOURCE, List.of(time), condition, List.of());
          ArrowReader reader = query.executeStream(allocator)) {
        while (reader.loadNextBatch()) {
          TimeStampMicroVector vector =
              (TimeStampMicroVector) reader.getVectorSchemaRoot().getVector(0);
          for (int row = 0; row < vector.getValueCount(); row++) {
            hours.add(
                Instant.EPOCH
                    .plus(vector.get(row), ChronoUnit.MICROS)
                    .truncatedTo(ChronoUnit.HOURS));
          }
        }
      }
    } catch (IOException e) {
      throw new DataFusionException(DataFusionException.Kind.IO, String.valueOf(e.getMessage()));
    }
    return hours;
  }

  private DataFile write(
      Table table, TableRows rows, long after, long through, Instant hour, String condition) {
    TableSchema schema = rows.schema();
    StructLike partition = new HourPartition((int) Math.floorDiv(hour.getEpochSecond(), 3600L));
    String location =
        table
            .locationProvider()
            .newDataLocation(table.spec(), partition, UUID.randomUUID() + ".parquet");
    ParquetWriteOptions options =
        ParquetWriteOptions.sorted(TableSchema.arrowWithFieldIds(table.schema()), schema.sortBy())
            .withBloomFilterColumns(present(table, BLOOM))
            .withPlainColumns(present(table, PLAIN))
            .withZstdLevel(zstdLevel);
    ParquetFileInfo written =
        rows.memory().writeParquet(after, through, condition, IcebergTables.url(location), options);
    ParquetMetadata footer = ParquetFooter.parse(written);
    return DataFiles.builder(table.spec())
        .withPath(location)
        .withFormat(FileFormat.PARQUET)
        .withPartition(partition)
        .withFileSizeInBytes(written.bytes())
        .withMetrics(
            ParquetUtil.footerMetrics(
                footer, java.util.stream.Stream.empty(), MetricsConfig.forTable(table)))
        .withSplitOffsets(ParquetUtil.getSplitOffsets(footer))
        .withSortOrder(table.sortOrder())
        .build();
  }

  private static List<String> present(Table table, List<String> columns) {
    return columns.stream().filter(name -> table.schema().findField(name) != null).toList();
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** The value of an {@code hour} partition: hours since the epoch. */
  private record HourPartition(int hour) implements StructLike {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public <T> T get(int position, Class<T> type) {
      return type.cast(hour);
    }

    @Override
    public <T> void set(int position, T value) {
      throw new UnsupportedOperationException("A partition value does not change");
    }
  }
}
