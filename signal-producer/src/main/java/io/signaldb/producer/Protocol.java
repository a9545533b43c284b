package io.signaldb.producer;

import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** How telemetry travels: the two OTLP transports of the SDK. */
enum Protocol {
  GRPC("http://localhost:4317") {
    @Override
    SpanExporter spans(Target target) {
      var builder =
          OtlpGrpcSpanExporter.builder()
              .setEndpoint(target.endpoint().toString())
              .setCompression(target.compression())
              .setTimeout(TIMEOUT);
      target.headers().forEach(builder::addHeader);
      return builder.build();
    }

    @Override
    LogRecordExporter logs(Target target) {
      var builder =
          OtlpGrpcLogRecordExporter.builder()
              .setEndpoint(target.endpoint().toString())
              .setCompression(target.compression())
              .setTimeout(TIMEOUT);
      target.headers().forEach(builder::addHeader);
      return builder.build();
    }

    @Override
    MetricExporter metrics(Target target) {
      var builder =
          OtlpGrpcMetricExporter.builder()
              .setEndpoint(target.endpoint().toString())
              .setCompression(target.compression())
              .setTimeout(TIMEOUT);
      target.headers().forEach(builder::addHeader);
      return builder.build();
    }
  },
  HTTP("http://localhost:4318") {
    @Override
    SpanExporter spans(Target target) {
      var builder =
          OtlpHttpSpanExporter.builder()
              .setEndpoint(target.http(Signal.TRACES))
              .setCompression(target.compression())
              .setTimeout(TIMEOUT);
      target.headers().forEach(builder::addHeader);
      return builder.build();
    }

    @Override
    LogRecordExporter logs(Target target) {
      var builder =
          OtlpHttpLogRecordExporter.builder()
              .setEndpoint(target.http(Signal.LOGS))
              .setCompression(target.compression())
              .setTimeout(TIMEOUT);
      target.headers().forEach(builder::addHeader);
      return builder.build();
    }

    @Override
    MetricExporter metrics(Target target) {
      var builder =
          OtlpHttpMetricExporter.builder()
              .setEndpoint(target.http(Signal.METRICS))
              .setCompression(target.compression())
              .setTimeout(TIMEOUT);
      target.headers().forEach(builder::addHeader);
      return builder.build();
    }
  };

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final String defaultEndpoint;

  Protocol(String defaultEndpoint) {
    this.defaultEndpoint = defaultEndpoint;
  }

  String defaultEndpoint() {
    return defaultEndpoint;
  }

  abstract SpanExporter spans(Target target);

  abstract LogRecordExporter logs(Target target);

  abstract MetricExporter metrics(Target target);

  /**
   * Where to send.
   *
   * @param endpoint for HTTP a path may be given; without one it is {@code /v1/traces} and so on
   * @param compression {@code none} or {@code gzip}
   */
  record Target(URI endpoint, Map<String, String> headers, String compression) {
    String http(Signal signal) {
      return (hasPath() ? endpoint : endpoint.resolve("/v1/" + signal)).toString();
    }

    boolean hasPath() {
      return endpoint.getPath() != null && !endpoint.getPath().matches("/?");
    }
  }
}
