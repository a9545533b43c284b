package io.signaldb.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is acked is visible: before it is committed, while it is, and afterwards. */
class FreshnessIT {
  private static final int TRACES = 200;

  @Test
  void findsSpansRightAfterTheirAckWhileTablesAreCommitted(@TempDir Path directory)
      throws Exception {
    Map<String, String> hasty =
        Map.of(
            "SIGNALDB_WRITER_COMMIT_INTERVAL", "200ms", "SIGNALDB_WRITER_COMMIT_MAX_AGE", "200ms");
    try (SignalDbProcess server = SignalDbProcess.start(directory, hasty);
        OtlpGrpc otlp = new OtlpGrpc(server)) {
      Tempo tempo = new Tempo(server);
      for (int i = 0; i < TRACES; i++) {
        Span.Builder span = Spans.span("probe").addAttributes(Spans.text("probe.id", "p" + i));
        String traceId = Spans.hex(span.getTraceId());

        otlp.send(Spans.request("freshness", span));

        assertThat(tempo.spanIds(traceId)).containsExactly(Spans.hex(span.getSpanId()));
        assertThat(tempo.traceIds("{ span.probe.id = \"p" + i + "\" }")).containsExactly(traceId);
      }
      assertThat(tempo.traceIds("{ resource.service.name = \"freshness\" }")).hasSize(TRACES);
      Await.untilPasses(
          Duration.ofSeconds(20),
          () -> assertThat(ParquetFiles.below(server.dataDir())).hasSizeGreaterThan(1));
      assertThat(tempo.traceIds("{ resource.service.name = \"freshness\" }")).hasSize(TRACES);
    }
  }
}
