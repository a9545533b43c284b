package io.signaldb.acceptor.otlp;

import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.Schemas;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Turns OTLP requests of one signal into batches of the wire schemas of its tables: typed
 * attributes, dictionaries for texts that repeat, resource and scope once per distinct value,
 * columns without a value left out. Rows that cannot be stored are left out and told. Thread-safe.
 *
 * <p>Where an attribute key stands twice in one list, the last value counts.
 *
 * @param <Q> the requests
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/">OTLP</a>
 */
public final class OtlpEncoder<Q extends Message> {
  private static final RejectionListener NOBODY = (row, why) -> {};

  private final Supplier<RequestRows<Q>> rows;
  private final Clock clock;
  private final ArrayBlockingQueue<RequestRows<Q>> idle;

  private OtlpEncoder(Supplier<RequestRows<Q>> rows, Clock clock) {
    this.rows = rows;
    this.clock = clock;
    this.idle = new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());
    idle.add(rows.get());
  }

  /**
   * Binds the columns of the table of traces to OTLP.
   *
   * @throws IllegalArgumentException naming the column whose source OTLP does not have
   */
  public static OtlpEncoder<ExportTraceServiceRequest> traces(
      Schemas schemas, RowLimits limits, Clock clock) {
    return new OtlpEncoder<>(() -> new SpanRows(schemas, limits), clock);
  }

  /** See {@link #traces}; for the table of logs. */
  public static OtlpEncoder<ExportLogsServiceRequest> logs(
      Schemas schemas, RowLimits limits, Clock clock) {
    return new OtlpEncoder<>(() -> new LogRows(schemas, limits), clock);
  }

  /** See {@link #traces}; for the tables of metrics. */
  public static OtlpEncoder<ExportMetricsServiceRequest> metrics(
      Schemas schemas, RowLimits limits, Clock clock) {
    return new OtlpEncoder<>(() -> new MetricRows(schemas, limits), clock);
  }

  /** See {@link #encode(Message, RejectionListener)}. */
  public EncodedRequest encode(Q request) {
    return encode(request, NOBODY);
  }

  /**
   * Encodes the valid rows of {@code request} and tells why the others were left out.
   *
   * @param listener told of each of these, too
   * @throws SignalDbException TOO_LARGE if a batch would have more than 2 GiB
   */
  public EncodedRequest encode(Q request, RejectionListener listener) {
    RequestRows<Q> taken = take();
    try {
      Rejections rejections = new Rejections(listener);
      taken.add(request, nowUnixNano(), rejections);
      return encoded(taken, rejections.rows(), rejections.message(taken.noun()));
    } finally {
      giveBack(taken);
    }
  }

  /**
   * Encodes a request from protobuf's wire format, at a fraction of the cost of parsing it first
   * and with the same result.
   *
   * @return empty if the request is malformed or unusual, or if rows are to be left out: parsed, it
   *     shows what is wrong
   * @throws SignalDbException TOO_LARGE if a batch would have more than 2 GiB
   */
  public Optional<EncodedRequest> encode(byte[] request, int offset, int length) {
    RequestRows<Q> taken = take();
    try {
      taken.read(request, offset, length, nowUnixNano());
      return Optional.of(encoded(taken, 0, ""));
    } catch (NotPlain e) {
      return Optional.empty();
    } finally {
      giveBack(taken);
    }
  }

  private static EncodedRequest encoded(RequestRows<?> rows, int rejected, String message) {
    List<EncodedBatch> batches = new ArrayList<>();
    int accepted = 0;
    for (BatchBuilder<?> batch : rows.batches()) {
      if (batch.rows() > 0) {
        batches.add(new EncodedBatch(batch.table(), batch.rows(), batch.build()));
        accepted += batch.rows();
      }
    }
    return new EncodedRequest(batches, accepted, rejected, message);
  }

  private RequestRows<Q> take() {
    RequestRows<Q> taken = idle.poll();
    return taken == null ? rows.get() : taken;
  }

  private void giveBack(RequestRows<Q> taken) {
    taken.batches().forEach(BatchBuilder::clear);
    // Where as many are idle as can work at once, this one is dropped.
    idle.offer(taken);
  }

  private long nowUnixNano() {
    Instant now = clock.instant();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }
}
