package io.signaldb.acceptor.prometheus;

import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Map;

/**
 * Remote write requests to OTLP, as OpenTelemetry's "Prometheus and OpenMetrics Compatibility" has
 * it, except that nothing is dropped for its kind: docs/prometheus.md has the table. Thread-safe.
 */
public final class RemoteWriteMapper {
  private static final String TARGET_INFO = "target_info";

  private final RemoteWriteLimits limits;
  private final Clock clock;
  private final SenderFacts facts = new SenderFacts();

  public RemoteWriteMapper(RemoteWriteLimits limits, Clock clock) {
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Reads and maps a request.
   *
   * @param body unpacked; borrowed
   * @throws SignalDbException INVALID_ARGUMENT if nothing in the body can be read, TOO_LARGE if its
   *     texts are more than the limit
   */
  public MappedWrite map(TenantContext tenant, RemoteWriteVersion version, ByteBuffer body) {
    WriteBatch batch = version.read(body, limits.maxBytes());
    for (Map.Entry<String, FamilyMetadata> family : batch.families().entrySet()) {
      facts.learnFamily(tenant, family.getKey(), family.getValue());
    }
    RequestMapping mapping =
        new RequestMapping(
            limits, clock.millis(), batch.refusals(), name -> facts.findFamily(tenant, name));
    mapping.place(batch.series());
    for (PlacedSeries series : mapping.series()) {
      if (series.name().equals(TARGET_INFO)) {
        facts.learnTarget(tenant, series.origin().target(), series.attributes());
      }
    }
    mapping.mapAll();
    return mapping.build(batch.received(), target -> facts.findTarget(tenant, target));
  }
}
