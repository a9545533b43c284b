package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.TableSchema;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Turns OTLP trace requests into batches of the wire schema: typed attributes, dictionaries for
 * texts that repeat, resource and scope once per distinct value, columns without a value left out.
 * Spans that cannot be stored are left out and told. Thread-safe.
 *
 * <p>Where an attribute key stands twice in one list, the last value counts.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/">OTLP</a>
 */
public final class TraceEncoder {
  private static final Rejection TOO_LARGE =
      new Rejection(
          "batch size",
          "the request has too many different attributes, events or links for its number of spans;"
              + " send fewer spans in a request");

  private final TableSchema table;
  private final SpanLimits limits;
  private final Clock clock;
  private final ArrayBlockingQueue<BatchBuilder<SpanRow>> idle;

  /**
   * Binds the columns of the traces table to OTLP.
   *
   * @throws IllegalArgumentException naming the column whose source OTLP does not have
   */
  public TraceEncoder(TableSchema traces, SpanLimits limits, Clock clock) {
    this.table = traces;
    this.limits = limits;
    this.clock = clock;
    this.idle = new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());
    idle.add(newBatch());
  }

  /**
   * Encodes the valid spans of {@code request} and tells why the others were left out.
   *
   * @throws SignalDbException TOO_LARGE if the batch would have more than 2 GiB
   */
  public EncodedTraces encode(ExportTraceServiceRequest request) {
    BatchBuilder<SpanRow> batch = idle.poll();
    if (batch == null) {
      batch = newBatch();
    }
    Rejections rejections = add(request, batch);
    int accepted = batch.rows();
    Optional<ByteBuffer> ipc = accepted == 0 ? Optional.empty() : Optional.of(batch.build());
    batch.clear();
    // Where as many are idle as can work at once, this one is dropped.
    idle.offer(batch);
    return new EncodedTraces(ipc, accepted, rejections.rows(), rejections.message("span"));
  }

  private BatchBuilder<SpanRow> newBatch() {
    return new BatchBuilder<>(table, SpanRow.class, BatchBuilder.MAX_CELLS);
  }

  private Rejections add(ExportTraceServiceRequest request, BatchBuilder<SpanRow> batch) {
    SpanValidator validator = new SpanValidator(limits, nowUnixNano());
    Rejections rejections = new Rejections();
    for (ResourceSpans resource : request.getResourceSpansList()) {
      Rejection wrongResource =
          validator.checkAttributes(resource.getResource().getAttributesList());
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        Rejection wrongScope =
            wrongResource != null
                ? wrongResource
                : validator.checkAttributes(scope.getScope().getAttributesList());
        if (wrongScope != null) {
          rejections.add(wrongScope, scope.getSpansCount());
          continue;
        }
        for (Span span : scope.getSpansList()) {
          Rejection rejection = validator.check(span);
          if (rejection == null && !batch.add(new SpanRow(resource, scope, span))) {
            rejection = TOO_LARGE;
          }
          if (rejection != null) {
            rejections.add(rejection, 1);
          }
        }
      }
    }
    return rejections;
  }

  private long nowUnixNano() {
    Instant now = clock.instant();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }
}
