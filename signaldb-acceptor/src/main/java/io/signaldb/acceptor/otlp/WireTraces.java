package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;

/**
 * Puts the spans of encoded trace requests into a batch without making message objects. Not
 * thread-safe.
 */
final class WireTraces {
  private final WireEnvelope request =
      new WireEnvelope(ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER);
  private final WireEnvelope resource = new WireEnvelope(ResourceSpans.SCOPE_SPANS_FIELD_NUMBER);
  private final WireEnvelope scope = new WireEnvelope(ScopeSpans.SPANS_FIELD_NUMBER);
  private final BatchBuilder<SpanRow> batch;
  private final RowPart.Shared resourcePart;
  private final RowPart.Shared scopePart;
  private final RowPart.Own spanPart;
  private final SpanSlots slots;

  WireTraces(BatchBuilder<SpanRow> batch) {
    this.batch = batch;
    resourcePart = batch.shared("resource");
    scopePart = batch.shared("scope");
    spanPart = batch.own("span");
    slots = SpanSlots.of(spanPart.layout());
  }

  /**
   * Adds the spans of an {@code ExportTraceServiceRequest}.
   *
   * @throws NotPlain if not all of them can be added; the batch has to be cleared
   */
  void add(byte[] bytes, int offset, int length, SpanValidator validator) {
    request.read(bytes, offset, length);
    if (request.restLength() > 0) {
      throw new NotPlain();
    }
    for (int i = 0; i < request.count(); i++) {
      resource.read(bytes, request.offset(i), request.length(i));
      resourcePart.read(resource.rest(), resource.restLength());
      for (int j = 0; j < resource.count(); j++) {
        scope.read(bytes, resource.offset(j), resource.length(j));
        scopePart.read(scope.rest(), scope.restLength());
        for (int k = 0; k < scope.count(); k++) {
          WireFrame span = spanPart.read(bytes, scope.offset(k), scope.length(k));
          if (!validator.accepts(span, slots)) {
            throw new NotPlain();
          }
          batch.addRead();
        }
      }
    }
  }
}
