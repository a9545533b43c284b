package io.signaldb.acceptor.otlp;

import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.signaldb.common.schema.Schemas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Log records on their way into their table. The time of one is when it happened, else when it was
 * observed; one that says neither is observed now, for it comes from no collector.
 */
final class LogRows implements RequestRows<ExportLogsServiceRequest> {
  private static final String TIME = "time_unix_nano";
  private static final String OBSERVED_TIME = "observed_time_unix_nano";

  private final RowLimits limits;
  private final BatchBuilder<LogRow> logs;
  private final WireRows wire;
  private final int time;
  private final int observedTime;

  LogRows(Schemas schemas, RowLimits limits) {
    this.limits = limits;
    logs =
        new BatchBuilder<>(
            schemas.table("logs"), LogRow.class, limits.attributes(), BatchBuilder.MAX_CELLS);
    wire = new WireRows(RequestShape.LOGS, logs, "log");
    time = wire.layout().slot(TIME, List.of(TIME));
    observedTime = wire.layout().slot(OBSERVED_TIME, List.of(OBSERVED_TIME));
  }

  @Override
  public String noun() {
    return "log record";
  }

  @Override
  public void add(ExportLogsServiceRequest request, long nowUnixNano, Rejections rejections) {
    RowValidator validator = new RowValidator(limits, nowUnixNano);
    RequestShape.LOGS.visit(
        request,
        validator,
        rejections,
        (resource, scope, sent) -> {
          LogRecord log = withTime(sent, nowUnixNano);
          Rejection rejection = check(log, validator);
          if (rejection == null && !logs.add(new LogRow(resource, scope, log))) {
            rejection = TOO_LARGE;
          }
          if (rejection != null) {
            rejections.add(rejection, sent);
          }
        });
  }

  @Override
  public void read(byte[] request, int offset, int length, long nowUnixNano) {
    RowValidator validator = new RowValidator(limits, nowUnixNano);
    wire.add(
        request,
        offset,
        length,
        log -> validator.isTime(log.value(time) != 0 ? log.value(time) : log.value(observedTime)));
  }

  @Override
  public List<BatchBuilder<?>> batches() {
    return List.of(logs);
  }

  private static LogRecord withTime(LogRecord log, long nowUnixNano) {
    return log.getTimeUnixNano() != 0 || log.getObservedTimeUnixNano() != 0
        ? log
        : log.toBuilder().setObservedTimeUnixNano(nowUnixNano).build();
  }

  private static @Nullable Rejection check(LogRecord log, RowValidator validator) {
    Rejection rejection =
        log.getTimeUnixNano() != 0
            ? validator.checkTime(TIME, log.getTimeUnixNano())
            : validator.checkTime(OBSERVED_TIME, log.getObservedTimeUnixNano());
    if (rejection == null) {
      rejection = validator.limits().check("body", log.getBody());
    }
    return rejection == null ? validator.checkAttributes(log.getAttributesList()) : rejection;
  }
}
