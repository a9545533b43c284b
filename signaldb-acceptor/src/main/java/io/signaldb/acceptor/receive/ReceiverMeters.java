package io.signaldb.acceptor.receive;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.signaldb.common.schema.Signal;
import java.util.function.Supplier;

/** What the endpoints count. */
final class ReceiverMeters {
  private final MeterRegistry registry;
  private final DistributionSummary bytes;

  ReceiverMeters(MeterRegistry registry) {
    this.registry = registry;
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

  void rows(Signal signal, int accepted, int rejected) {
    rows(signal, "accepted").increment(accepted);
    rows(signal, "rejected").increment(rejected);
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
  void answered(Timer.Sample sample, Signal signal, String protocol, String outcome) {
    sample.stop(
        Timer.builder("signaldb.acceptor.requests")
            .description("Time from the head of a request to its answer")
            .tag("signal", signal.wireName())
            .tag("protocol", protocol)
            .tag("code", outcome)
            .publishPercentileHistogram()
            .register(registry));
  }

  private Counter rows(Signal signal, String outcome) {
    return Counter.builder("signaldb.acceptor.rows")
        .description(
            "Spans, log records, data points answered as accepted, or as rejected through"
                + " partial_success")
        .tag("signal", signal.wireName())
        .tag("outcome", outcome)
        .register(registry);
  }
}
