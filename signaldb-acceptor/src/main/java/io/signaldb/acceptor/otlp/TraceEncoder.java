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
  private final ArrayBlockingQueue<Batch> idle;

  /** A batch under work, and what reads encoded requests into it. */
  private record Batch(BatchBuilder<SpanRow> rows, WireTraces wire) {}

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
    Batch batch = take();
    try {
      Rejections rejections = add(request, batch.rows());
      return encoded(batch.rows(), rejections.rows(), rejections.message("span"));
    } finally {
      giveBack(batch);
    }
  }

  /**
   * Encodes an {@code ExportTraceServiceRequest} from protobuf's wire format, at a fraction of the
   * cost of parsing it first and with the same result.
   *
   * @return empty if the request is malformed or unusual, or if spans are to be left out: parsed,
   *     it shows what is wrong
   * @throws SignalDbException TOO_LARGE if the batch would have more than 2 GiB
   */
  public Optional<EncodedTraces> encode(byte[] request, int offset, int length) {
    Batch batch = take();
    try {
      batch.wire().add(request, offset, length, new SpanValidator(limits, nowUnixNano()));
      return Optional.of(encoded(batch.rows(), 0, ""));
    } catch (NotPlain e) {
      return Optional.empty();
    } finally {
      giveBack(batch);
    }
  }

  private static EncodedTraces encoded(
      BatchBuilder<SpanRow> rows, int rejected, String rejectionMessage) {
    int accepted = rows.rows();
    Optional<ByteBuffer> ipc = accepted == 0 ? Optional.empty() : Optional.of(rows.build());
    return new EncodedTraces(ipc, accepted, rejected, rejectionMessage);
  }

  private Batch take() {
    Batch batch = idle.poll();
    return batch == null ? newBatch() : batch;
  }

  private void giveBack(Batch batch) {
    batch.rows().clear();
    // Where as many are idle as can work at once, this one is dropped.
    idle.offer(batch);
  }

  private Batch newBatch() {
    BatchBuilder<SpanRow> rows =
        new BatchBuilder<>(table, SpanRow.class, limits.attributes(), BatchBuilder.MAX_CELLS);
    return new Batch(rows, new WireTraces(rows));
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
