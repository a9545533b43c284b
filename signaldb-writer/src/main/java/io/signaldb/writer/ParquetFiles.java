package io.signaldb.writer;

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
  /** Identifiers: a dictionary of values that seldom repeat only costs. */
  private static final List<String> PLAIN =
      List.of(
          "trace_id", "span_id", "parent_span_id", "start_time_unix_nano", "end_time_unix_nano");

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
    String time = quoted(table.schema().findColumnName(partition.sourceId()));
    String select = select(rows);
    List<DataFile> files = new ArrayList<>();
    try (SessionContext session = engine.runtime().newSession()) {
      session.registerMemoryTable(SOURCE, rows.memory(), after, through);
      List<Instant> hours = hours(session, select, time);
      for (Instant hour : hours) {
        String ofHour =
            hours.size() == 1
                ? select
                : "SELECT * FROM (%s) WHERE date_trunc('hour', %s) = to_timestamp_micros($1)"
                    .formatted(select, time);
        List<Object> params = hours.size() == 1 ? List.of() : List.of(micros(hour));
        try (DataFrame query = session.sql(ofHour, params)) {
          files.add(write(table, rows.schema(), hour, query));
        }
      }
    }
    return files;
  }

  private static String select(TableRows rows) {
    String select = "SELECT " + rows.schema().storageProjection() + " FROM batches";
    List<Long> excluded = rows.deadLettered();
    return excluded.isEmpty()
        ? select
        : select
            + excluded.stream()
                .map(String::valueOf)
                .collect(Collectors.joining(", ", " WHERE _position NOT IN (", ")"));
  }

  private List<Instant> hours(SessionContext session, String select, String time) {
    String sql =
        "SELECT DISTINCT date_trunc('hour', %s) AS hour FROM (%s) ORDER BY hour"
            .formatted(time, select);
    List<Instant> hours = new ArrayList<>();
    try (DataFrame query = session.sql(sql);
        ArrowReader reader = query.executeStream(allocator)) {
      while (reader.loadNextBatch()) {
        TimeStampMicroVector vector =
            (TimeStampMicroVector) reader.getVectorSchemaRoot().getVector(0);
        for (int row = 0; row < vector.getValueCount(); row++) {
          hours.add(Instant.EPOCH.plus(vector.get(row), ChronoUnit.MICROS));
        }
      }
    } catch (IOException e) {
      throw new DataFusionException(DataFusionException.Kind.IO, String.valueOf(e.getMessage()));
    }
    return hours;
  }

  private DataFile write(Table table, TableSchema schema, Instant hour, DataFrame query) {
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
    ParquetFileInfo written = query.writeParquet(IcebergTables.url(location), options);
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

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
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
