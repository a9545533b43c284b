package io.signaldb.common.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.service.TestServices;
import io.signaldb.common.storage.DatasetStorage;
import io.signaldb.datafusion.DataFrame;
import io.signaldb.datafusion.DataFusionException;
import io.signaldb.datafusion.SessionContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {
  private static final int ROWS = 100_000;

  @TempDir Path directory;

  private final MeterRegistry meters = new SimpleMeterRegistry();

  private Engine engine(Map<String, String> settings) {
    SignalDbConfig config = TestServices.config(directory, settings);
    return new Engine(config, new DatasetStorage(config), meters);
  }

  private double reserved() {
    return meters.get("signaldb.engine.memory.reserved").gauge().value();
  }

  @Test
  void isThereFromStartToClose() {
    Engine engine = engine(Map.of());
    assertThatThrownBy(engine::runtime)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The engine is not running");
    engine.start();
    assertThat(engine.runtime()).isSameAs(engine.runtimeFor("default", "default"));
    assertThat(directory.resolve("spill")).isDirectory();
    engine.close();
    assertThatThrownBy(() -> engine.runtimeFor("default", "default"))
        .isInstanceOf(IllegalStateException.class);
    engine.close();
  }

  @Test
  void saysWhyItCannotStart() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    Engine engine = engine(Map.of("querier.spill_dir", file.toString()));
    assertThatThrownBy(engine::start)
        .isInstanceOfSatisfying(
            SignalDbException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageStartingWith("The engine cannot start: ")
        .hasMessageContaining(file.toString());
    engine.close();
  }

  @Test
  void sessionsTakeTheirMemoryFromOneLimit() throws Exception {
    Engine engine = engine(Map.of("querier.memory_bytes", Long.toString(ROWS * 8 * 3 / 2)));
    engine.start();
    try (engine;
        BufferAllocator allocator = new RootAllocator();
        SessionContext writers = engine.runtime().newSession();
        SessionContext queriers = engine.runtimeFor("default", "default").newSession()) {
      assertThat(reserved()).isZero();
      register(writers, allocator);
      assertThat(reserved()).isGreaterThanOrEqualTo(ROWS * 8);
      assertThatThrownBy(() -> register(queriers, allocator))
          .isInstanceOfSatisfying(
              DataFusionException.class,
              e -> assertThat(e.kind()).isEqualTo(DataFusionException.Kind.RESOURCES));
      writers.deregister("numbers");
      register(queriers, allocator);
      assertThat(sum(queriers, allocator)).containsExactly((ROWS - 1L) * ROWS / 2);
    }
    assertThat(reserved()).isZero();
  }

  /** The numbers below {@link #ROWS} as table {@code numbers}, copied into the engine's memory. */
  private static void register(SessionContext session, BufferAllocator allocator) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (BigIntVector n = new BigIntVector("n", allocator);
        VectorSchemaRoot root = VectorSchemaRoot.of(n);
        ArrowStreamWriter writer = new ArrowStreamWriter(root, null, bytes)) {
      n.allocateNew(ROWS);
      for (int row = 0; row < ROWS; row++) {
        n.set(row, row);
      }
      root.setRowCount(ROWS);
      writer.writeBatch();
    }
    try (ArrowReader reader =
        new ArrowStreamReader(new ByteArrayInputStream(bytes.toByteArray()), allocator)) {
      session.registerReader(new String[] {"numbers"}, allocator, reader);
    }
  }

  private static List<Long> sum(SessionContext session, BufferAllocator allocator)
      throws Exception {
    List<Long> values = new ArrayList<>();
    try (DataFrame query = session.sql("SELECT sum(n) FROM numbers");
        ArrowReader reader = query.executeStream(allocator)) {
      while (reader.loadNextBatch()) {
        values.add((Long) reader.getVectorSchemaRoot().getVector(0).getObject(0));
      }
    }
    return values;
  }
}
