package io.signaldb.querier.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.flight.MetricsResult;
import io.signaldb.common.flight.TimeSteps;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;

class SeriesAnswerTest {
  private static final TimeSteps STEPS = new TimeSteps(0, 3_000_000_000L, 1_000_000_000L);

  private static List<String> written(TimeSteps steps, List<Series> series) {
    List<String> rows = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(MetricsResult.SCHEMA, allocator)) {
      new SeriesAnswer(root, steps)
          .write(
              series,
              batch -> {
                for (int row = 0; row < batch.getRowCount(); row++) {
                  rows.add(
                      "%s %s %s"
                          .formatted(
                              batch.getVector("labels").getObject(row),
                              batch.getVector("samples").getObject(row),
                              batch.getVector("exemplars").getObject(row)));
                }
                rows.add("sent");
              });
    }
    return rows;
  }

  @Test
  void writesValuesWithTheRightEdgesOfTheirSteps() {
    Series first =
        new Series(
            List.of(
                new Label("service", "shop"),
                new Label("code", 5L),
                new Label("p", 0.5),
                new Label("ok", true),
                new Label("missing", null)),
            new double[] {1, Double.NaN, 0},
            List.of(new Exemplar(1500, 2.5, List.of(new Label("trace:id", "abc")))));
    Series second = new Series(List.of(), new double[] {Double.NaN, 7, Double.NaN}, List.of());

    assertThat(written(STEPS, List.of(first, second)))
        .containsExactly(
            "[{\"key\":\"service\",\"string\":\"shop\"},{\"key\":\"code\",\"int\":5},"
                + "{\"key\":\"p\",\"double\":0.5},{\"key\":\"ok\",\"bool\":true},"
                + "{\"key\":\"missing\"}]"
                + " [{\"timestamp_ms\":1000,\"value\":1.0},{\"timestamp_ms\":3000,\"value\":0.0}]"
                + " [{\"timestamp_ms\":1500,\"value\":2.5,"
                + "\"labels\":[{\"key\":\"trace:id\",\"string\":\"abc\"}]}]",
            "[] [{\"timestamp_ms\":2000,\"value\":7.0}] []",
            "sent");
  }

  @Test
  void sendsManyValuesInSeveralBatches() {
    TimeSteps steps = new TimeSteps(0, 10_000_000_000L, 1_000_000L);
    Series series = new Series(List.of(new Label("a", "b")), new double[10_000], List.of());

    List<String> rows = written(steps, Collections.nCopies(13, series));

    assertThat(Collections.frequency(rows, "sent")).isEqualTo(3);
    assertThat(rows.stream().filter(row -> !row.equals("sent")).distinct()).hasSize(1);
  }
}
