package io.signaldb.benchmarks.endtoend;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** How long an acked span stays unfound: by its trace id, and by a search for its attribute. */
final class Freshness {
  private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final OtlpClient otlp;
  private final TempoClient tempo;
  private final SplittableRandom random = new SplittableRandom();
  private final List<Double> byId = new ArrayList<>();
  private final List<Double> bySearch = new ArrayList<>();

  Freshness(OtlpClient otlp, TempoClient tempo) {
    this.otlp = otlp;
    this.tempo = tempo;
  }

  /**
   * Sends single spans and looks for each until it is found.
   *
   * @param pauseMillis between two spans
   * @param more asked before each span
   */
  void probe(int pauseMillis, BooleanSupplier more) {
    while (more.getAsBoolean()) {
      probeOnce(random.nextLong() >>> 1 | 1L << 62);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
    }
  }

  int probes() {
    return byId.size();
  }

  Quantiles byId() {
    return quantiles(byId);
  }

  Quantiles bySearch() {
    return quantiles(bySearch);
  }

  private void probeOnce(long id) {
    Instant now = Instant.now();
    String mark = "probe-" + Long.toHexString(id);
    otlp.send(request(id, mark, now));
    long acked = System.nanoTime();
    String traceId = HexFormat.of().toHexDigits(id) + HexFormat.of().toHexDigits(~id);
    byId.add(await(acked, TempoClient.traceById(traceId), answer -> answer.status() == 200));
    bySearch.add(
        await(
            acked,
            TempoClient.search(
                "{ span.app.probe = \"" + mark + "\" }", 20, now.minusSeconds(60), now),
            answer -> answer.status() == 200 && !answer.traceIds().isEmpty()));
  }

  private double await(long acked, String path, Predicate<TempoClient.Answer> found) {
    while (!found.test(tempo.get(path))) {
      if (System.nanoTime() - acked > GIVE_UP_NANOS) {
        throw new IllegalStateException("acked, but not found after 60 s: GET " + path);
      }
    }
    return (System.nanoTime() - acked) / 1e6;
  }

  private static byte[] request(long id, String mark, Instant now) {
    Span span =
        Span.newBuilder()
            .setTraceId(ByteString.copyFrom(ByteBuffer.allocate(16).putLong(0, id).putLong(8, ~id)))
            .setSpanId(ByteString.copyFrom(ByteBuffer.allocate(8).putLong(0, id)))
            .setName("probe")
            .setKind(Span.SpanKind.SPAN_KIND_INTERNAL)
            .setStartTimeUnixNano(Workload.nanos(now) - 1_000_000)
            .setEndTimeUnixNano(Workload.nanos(now))
            .addAttributes(pair("app.probe", mark))
            .build();
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(Resource.newBuilder().addAttributes(pair("service.name", "probe")))
                .addScopeSpans(ScopeSpans.newBuilder().addSpans(span)))
        .build()
        .toByteArray();
  }

  private static KeyValue pair(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static Quantiles quantiles(List<Double> millis) {
    return Quantiles.of(millis.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
