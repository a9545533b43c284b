package io.signaldb.acceptor.receive;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;

/** What the endpoints count. */
final class ReceiverMeters {
  private final MeterRegistry registry;
  private final Counter accepted;
  private final Counter rejected;
  private final DistributionSummary bytes;

  ReceiverMeters(MeterRegistry registry) {
    this.registry = registry;
    accepted = spans("accepted");
    rejected = spans("rejected");
    bytes =
        DistributionSummary.builder("signaldb.acceptor.request.size")
            .description("Request bodies as they came, compressed or not")
            .baseUnit("bytes")
            .register(registry);
  }

  void inflight(Supplier<Number> held) {
    Gauge.builder("signaldb.acceptor.inflight", held)
        .description("Memory held by requests that are not answered")
        .baseUnit("bytes")
        .register(registry);
  }

  void received(long bodyBytes) {
    bytes.record((double) bodyBytes);
  }

  void spans(int acceptedSpans, int rejectedSpans) {
    accepted.increment(acceptedSpans);
    rejected.increment(rejectedSpans);
  }

  Timer.Sample startRequest() {
    return Timer.start(registry);
  }

  /**
   * Counts an answer.
   *
   * @param protocol grpc or http
   * @param outcome OK or the name of the error code
   */
  void answered(Timer.Sample sample, String protocol, String outcome) {
    sample.stop(
        Timer.builder("signaldb.acceptor.requests")
            .description("Time from the head of a request to its answer")
            .tag("signal", "traces")
            .tag("protocol", protocol)
            .tag("code", outcome)
            .publishPercentileHistogram()
            .register(registry));
  }

  private Counter spans(String outcome) {
    return Counter.builder("signaldb.acceptor.spans")
        .description("Spans answered as accepted, or as rejected through partial_success")
        .tag("outcome", outcome)
        .register(registry);
  }
}
