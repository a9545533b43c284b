package io.signaldb.acceptor.prometheus;

import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** A request as OTLP, and what is to be told of it. Not thread-safe. */
public final class MappedWrite {
  private final ExportMetricsServiceRequest request;
  private final IdentityHashMap<Message, HeldSamples> held;
  private final Tally received;
  private final Refusals refusals;

  /**
   * @param held what each data point stands for
   * @param received everything that came in
   * @param refusals what of it is not in {@code request}
   */
  MappedWrite(
      ExportMetricsServiceRequest request,
      IdentityHashMap<Message, HeldSamples> held,
      Tally received,
      Refusals refusals) {
    this.request = request;
    this.held = held;
    this.received = received;
    this.refusals = refusals;
  }

  /** What is to be stored; may be empty. */
  public ExportMetricsServiceRequest request() {
    return request;
  }

  /**
   * Takes back what a data point stands for, because it cannot be stored.
   *
   * @param point the very object in the request
   * @param why shows the value and what was expected
   */
  public void refuse(Message point, String why) {
    @Nullable HeldSamples samples = held.get(point);
    if (samples == null) {
      throw new IllegalArgumentException("not a data point of this request: " + point);
    }
    refusals.add(samples.tally(), "data point of %s: %s".formatted(samples.series(), why));
  }

  /** What of the sender's is stored. */
  public Tally written() {
    return received.minus(refusals.refused());
  }

  /** One line that names what is not stored, and why; empty if all is. */
  public String problems() {
    return refusals.message(received);
  }
}
