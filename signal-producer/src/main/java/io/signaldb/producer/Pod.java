package io.signaldb.producer;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** One instance of a service with a resource of its own: it traces, logs and measures. */
final class Pod {
  static final String SCOPE = "io.signaldb.producer";

  private final Tracer tracer;
  private final Logger logger;
  private final PodMeters meters;
  private final boolean logs;

  Pod(Resource resource, Telemetry telemetry) {
    tracer =
        SdkTracerProvider.builder()
            .setSampler(Sampler.alwaysOn())
            .setResource(resource)
            .addSpanProcessor(telemetry.spanProcessor())
            .build()
            .get(SCOPE);
    logger =
        SdkLoggerProvider.builder()
            .setResource(resource)
            .addLogRecordProcessor(telemetry.logProcessor())
            .build()
            .get(SCOPE);
    meters = new PodMeters(resource, telemetry);
    logs = telemetry.hasLogs();
  }

  Tracer tracer() {
    return tracer;
  }

  PodMeters meters() {
    return meters;
  }

  /**
   * Logs and measures an operation whose span is about to end.
   *
   * @param context with the span
   * @param end in nanoseconds since the epoch
   */
  void ended(Operation operation, Context context, long end, long nanos, boolean failed) {
    meters.ended(operation, context, nanos, failed);
    if (logs && (failed || operation.kind() == SpanKind.SERVER)) {
      log(operation, context, end, nanos, failed);
    }
  }

  private void log(Operation operation, Context context, long end, long nanos, boolean failed) {
    Attributes failure =
        failed
            ? Attributes.builder()
                .put("exception.type", "java.util.concurrent.TimeoutException")
                .put("exception.message", operation.name() + " gave no answer in time")
                .build()
            : Attributes.empty();
    logger
        .logRecordBuilder()
        .setContext(context)
        .setTimestamp(end, TimeUnit.NANOSECONDS)
        .setObservedTimestamp(end, TimeUnit.NANOSECONDS)
        .setSeverity(failed ? Severity.ERROR : Severity.INFO)
        .setSeverityText(failed ? "ERROR" : "INFO")
        .setBody(
            String.format(
                Locale.ROOT,
                "%s %s after %.1f ms",
                operation.name(),
                failed ? "failed" : "answered",
                nanos / 1e6))
        .setAllAttributes(operation.attributes())
        .setAllAttributes(failure)
        .emit();
  }
}
