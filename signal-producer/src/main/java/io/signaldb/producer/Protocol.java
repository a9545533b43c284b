package io.signaldb.producer;

import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** How spans travel: the two OTLP transports of the SDK. */
enum Protocol {
  GRPC("http://localhost:4317") {
    @Override
    SpanExporter exporter(URI endpoint, Map<String, String> headers, String compression) {
      var builder =
          OtlpGrpcSpanExporter.builder()
              .setEndpoint(endpoint.toString())
              .setCompression(compression)
              .setTimeout(TIMEOUT);
      headers.forEach(builder::addHeader);
      return builder.build();
    }
  },
  HTTP("http://localhost:4318") {
    @Override
    SpanExporter exporter(URI endpoint, Map<String, String> headers, String compression) {
      boolean bare = endpoint.getPath() == null || endpoint.getPath().matches("/?");
      var builder =
          OtlpHttpSpanExporter.builder()
              .setEndpoint((bare ? endpoint.resolve("/v1/traces") : endpoint).toString())
              .setCompression(compression)
              .setTimeout(TIMEOUT);
      headers.forEach(builder::addHeader);
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

  /**
   * @param endpoint for HTTP a path may be given; without one it is {@code /v1/traces}
   * @param compression {@code none} or {@code gzip}
   */
  abstract SpanExporter exporter(URI endpoint, Map<String, String> headers, String compression);
}
