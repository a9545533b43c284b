package io.signaldb.benchmarks.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WorkloadTest {
  private static final Instant END = Instant.parse("2026-11-23T12:00:00Z");

  private static Workload workload;
  private static final List<ResourceSpans> RESOURCES = new ArrayList<>();
  private static List<Span> spans;

  @BeforeAll
  static void generate() throws Exception {
    workload = Workload.generate(150_000, 1, END);
    for (byte[] request : workload.requests()) {
      RESOURCES.addAll(ExportTraceServiceRequest.parseFrom(request).getResourceSpansList());
    }
    spans =
        RESOURCES.stream()
            .flatMap(resource -> resource.getScopeSpansList().stream())
            .flatMap(scope -> scope.getSpansList().stream())
            .toList();
  }

  @Test
  void hasTheShapeOfTheComparedWorkload() {
    assertThat(spans).hasSize((int) workload.spans());
    assertThat(share(span -> span.getEventsCount() > 0)).isCloseTo(0.10, Offset.offset(0.01));
    assertThat(share(WorkloadTest::failed)).isCloseTo(0.01, Offset.offset(0.002));
    assertThat(spans.stream().mapToInt(Span::getAttributesCount).average().orElseThrow())
        .isCloseTo(11.4, Offset.offset(0.5));
    assertThat(RESOURCES)
        .allSatisfy(r -> assertThat(r.getResource().getAttributesCount()).isEqualTo(27));
    assertThat(RESOURCES.stream().map(ResourceSpans::getResource).distinct()).hasSize(36);
    long bytes = workload.requests().stream().mapToLong(request -> request.length).sum();
    assertThat(1.0 * bytes / spans.size()).isCloseTo(541, Offset.offset(15.0));
  }

  @Test
  void keepsTracesWithinTheWindowAndTheirBounds() {
    var sizes =
        spans.stream().collect(Collectors.groupingBy(Span::getTraceId, Collectors.counting()));
    assertThat(sizes.values()).allMatch(size -> size >= 6 && size <= 36);
    assertThat(sizes.values().stream().mapToLong(n -> n).average().orElseThrow())
        .isCloseTo(Workload.SPANS_PER_TRACE, Offset.offset(0.3));
    assertThat(spans)
        .allMatch(span -> span.getStartTimeUnixNano() >= Workload.nanos(END) - 3_606_000_000_000L)
        .allMatch(span -> span.getStartTimeUnixNano() <= span.getEndTimeUnixNano());
  }

  @Test
  void knowsWhichTracesMatch() {
    Truth truth = workload.truth();
    TraceFacts some = truth.sample(3);

    assertThat(truth.ids(trace -> trace.cartId().equals(some.cartId())))
        .containsExactly(some.traceId());
    assertThat(truth.ids(trace -> trace.customerId().equals(some.customerId())).size())
        .isBetween(60, 70);
    assertThat(truth.ids(TraceFacts::hasServerError)).isNotEmpty();
    assertThat(truth.ids(TraceFacts::hasExportName)).isNotEmpty();
    assertThat(truth.ids(trace -> trace.longestNanos() >= truth.longestNanos(15))).hasSize(15);
  }

  private static boolean failed(Span span) {
    return span.getStatus().getCode() == StatusCode.STATUS_CODE_ERROR;
  }

  private static double share(Predicate<Span> matching) {
    return 1.0 * spans.stream().filter(matching).count() / spans.size();
  }
}
