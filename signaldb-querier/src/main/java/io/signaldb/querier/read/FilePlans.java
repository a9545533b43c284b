package io.signaldb.querier.read;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.iceberg.IcebergTables;
import io.signaldb.common.iceberg.TableSnapshot;
import io.signaldb.datafusion.FileRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * The files of snapshots as Iceberg's own planning lists them. A plan is made once per metadata
 * file and kept while it is among the last used. Thread-safe.
 */
final class FilePlans {
  private static final int KEPT = 64;
  private static final String START = "start_time_unix_nano";
  private static final String TRACE_ID = "trace_id";

  private final Map<String, List<TableFile>> byMetadata =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, List<TableFile>> eldest) {
          return size() > KEPT;
        }
      };

  /** All files of the snapshot, those with the newest rows first. */
  List<TableFile> files(TableSnapshot snapshot) {
    synchronized (byMetadata) {
      List<TableFile> known = byMetadata.get(snapshot.metadataLocation());
      if (known != null) {
        return known;
      }
    }
    List<TableFile> planned = plan(snapshot);
    synchronized (byMetadata) {
      byMetadata.put(snapshot.metadataLocation(), planned);
    }
    return planned;
  }

  private static List<TableFile> plan(TableSnapshot snapshot) {
    Schema schema = snapshot.table().schema();
    List<TableFile> files = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks =
        snapshot.table().newScan().includeColumnStats(bounded(schema)).planFiles()) {
      for (FileScanTask task : tasks) {
        if (!task.deletes().isEmpty()) {
          throw new SignalDbException(
              ErrorCode.UNIMPLEMENTED,
              "Table %s has row-level deletes, written by another engine; rewrite its files first"
                  .formatted(snapshot.table().name()));
        }
        files.add(file(schema, task.file()));
      }
    } catch (IOException e) {
      throw new SignalDbException(
          ErrorCode.UNAVAILABLE, "The table's manifests cannot be read: " + e.getMessage(), e);
    }
    files.sort(Comparator.comparingLong(TableFile::maxStartUnixNano).reversed());
    return List.copyOf(files);
  }

  private static List<String> bounded(Schema schema) {
    return Stream.of(START, TRACE_ID).filter(name -> schema.findField(name) != null).toList();
  }

  private static TableFile file(Schema schema, DataFile file) {
    Map<Integer, ByteBuffer> lower = file.lowerBounds();
    Map<Integer, ByteBuffer> upper = file.upperBounds();
    Long minStart = bound(schema, START, lower, Long.class);
    Long maxStart = bound(schema, START, upper, Long.class);
    CharSequence minTraceId = bound(schema, TRACE_ID, lower, CharSequence.class);
    CharSequence maxTraceId = bound(schema, TRACE_ID, upper, CharSequence.class);
    return new TableFile(
        new FileRef(IcebergTables.url(file.location()), file.fileSizeInBytes()),
        file.recordCount(),
        minStart == null ? Long.MIN_VALUE : minStart,
        maxStart == null ? Long.MAX_VALUE : maxStart,
        minTraceId == null ? "" : minTraceId.toString(),
        maxTraceId == null ? null : maxTraceId.toString());
  }

  private static <T> @Nullable T bound(
      Schema schema, String column, @Nullable Map<Integer, ByteBuffer> bounds, Class<T> type) {
    NestedField field = schema.findField(column);
    ByteBuffer bytes = field == null || bounds == null ? null : bounds.get(field.fieldId());
    return bytes == null ? null : type.cast(Conversions.fromByteBuffer(field.type(), bytes));
  }
}
