package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.signaldb.common.schema.Schemas;
import java.util.List;

/** Spans on their way into the table of traces. */
final class SpanRows implements RequestRows<ExportTraceServiceRequest> {
  private final RowLimits limits;
  private final BatchBuilder<SpanRow> spans;
  private final WireRows wire;
  private final SpanSlots slots;

  SpanRows(Schemas schemas, RowLimits limits) {
    this.limits = limits;
    spans =
        new BatchBuilder<>(
            schemas.table("traces"), SpanRow.class, limits.attributes(), BatchBuilder.MAX_CELLS);
    wire = new WireRows(RequestShape.TRACES, spans, "span");
    slots = SpanSlots.of(wire.layout());
  }

  @Override
  public String noun() {
    return "span";
  }

  @Override
  public void add(ExportTraceServiceRequest request, long nowUnixNano, Rejections rejections) {
    SpanValidator validator = new SpanValidator(limits, nowUnixNano);
    RequestShape.TRACES.visit(
        request,
        validator,
        rejections,
        (resource, scope, span) -> {
          Rejection rejection = validator.check(span);
          if (rejection == null && !spans.add(new SpanRow(resource, scope, span))) {
            rejection = TOO_LARGE;
          }
          if (rejection != null) {
            rejections.add(rejection, span);
          }
        });
  }

  @Override
  public void read(byte[] request, int offset, int length, long nowUnixNano) {
    SpanValidator validator = new SpanValidator(limits, nowUnixNano);
    wire.add(request, offset, length, span -> validator.accepts(span, slots));
  }

  @Override
  public List<BatchBuilder<?>> batches() {
    return List.of(spans);
  }
}
