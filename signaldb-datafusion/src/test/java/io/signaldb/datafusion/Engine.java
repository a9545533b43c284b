package io.signaldb.datafusion;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A runtime and an allocator for one test; closing it checks that the test has given back what it
 * took, on both sides.
 */
final class Engine implements AutoCloseable {
  static final ArrowType TEXT = ArrowType.Utf8.INSTANCE;
  static final ArrowType LONG = new ArrowType.Int(64, true);
  static final ArrowType INT = new ArrowType.Int(32, true);

  final BufferAllocator allocator = new RootAllocator();
  final DataFusionRuntime runtime;
  private final List<Long> atStart;

  Engine() {
    this(256 << 20, null, Map.of());
  }

  Engine(long memoryBytes, @Nullable Path spill, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("signaldb.panic_function", "true");
    runtime = DataFusionRuntime.open(new RuntimeOptions(memoryBytes, spill, 2, all));
    atStart = handles();
  }

  /** Counts of the whole process: tests run one after the other. */
  private List<Long> handles() {
    RuntimeStats stats = runtime.stats();
    return List.of(
        stats.sessions(), stats.dataFrames(), stats.memoryTables(), stats.stagedBatches());
  }

  static Field required(String name, ArrowType type) {
    return new Field(name, FieldType.notNullable(type), null);
  }

  static Field optional(String name, ArrowType type) {
    return new Field(name, FieldType.nullable(type), null);
  }

  static Schema schema(Field... fields) {
    return new Schema(Arrays.asList(fields));
  }

  /**
   * All rows of a query over no tables, a column being its SQL name and its value's {@code
   * toString}.
   */
  List<Map<String, @Nullable Object>> query(String sql, @Nullable Object... params) {
    try (SessionContext session = runtime.newSession()) {
      return query(session, sql, params);
    }
  }

  /** All rows of a query; strings as String. */
  List<Map<String, @Nullable Object>> query(
      SessionContext session, String sql, @Nullable Object... params) {
    try (DataFrame frame = session.sql(sql, Arrays.asList(params));
        ArrowReader reader = frame.executeStream(allocator)) {
      return rows(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Map<String, @Nullable Object>> rows(ArrowReader reader) throws IOException {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    while (reader.loadNextBatch()) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      for (int i = 0; i < root.getRowCount(); i++) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        for (FieldVector vector : root.getFieldVectors()) {
          Object value = vector.getObject(i);
          boolean text = value instanceof org.apache.arrow.vector.util.Text;
          row.put(vector.getName(), text ? value.toString() : value);
        }
        rows.add(row);
      }
    }
    return rows;
  }

  /** One value per row, of a query with one column. */
  List<@Nullable Object> column(SessionContext session, String sql, @Nullable Object... params) {
    List<@Nullable Object> values = new ArrayList<>();
    for (Map<String, @Nullable Object> row : query(session, sql, params)) {
      assertThat(row).hasSize(1);
      values.addAll(row.values());
    }
    return values;
  }

  /** Waits for a condition that other threads bring about. */
  static void await(Duration limit, java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline of %s", limit).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    await(Duration.ofSeconds(10), () -> runtime.stats().runningTasks() == 0);
    closeWithIdleTasks();
  }

  /** As {@link #close}, but connections to a store may be kept. */
  void closeWithIdleTasks() {
    await(Duration.ofSeconds(10), () -> runtime.stats().memoryReservedBytes() == 0);
    List<Long> atEnd = handles();
    runtime.close();
    allocator.close();
    assertThat(atEnd).as("open sessions, data frames, tables, staged batches").isEqualTo(atStart);
  }
}
