package io.signaldb.producer;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An OTLP/HTTP endpoint that keeps what it is sent. */
final class OtlpSink implements AutoCloseable {
  private final HttpServer server;
  private final int status;
  private final List<ResourceSpans> received = new CopyOnWriteArrayList<>();
  private final List<LogRecord> logs = new CopyOnWriteArrayList<>();
  private final List<Metric> metrics = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();

  OtlpSink(int status) throws IOException {
    this.status = status;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/traces", this::receive);
    server.createContext("/v1/logs", this::receiveLogs);
    server.createContext("/v1/metrics", this::receiveMetrics);
    server.start();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<ResourceSpans> received() {
    return received;
  }

  List<String> authorizations() {
    return authorizations;
  }

  List<LogRecord> logs() {
    return logs;
  }

  List<Metric> metrics() {
    return metrics;
  }

  private void receiveLogs(HttpExchange exchange) throws IOException {
    try (exchange) {
      ExportLogsServiceRequest.parseFrom(exchange.getRequestBody()).getResourceLogsList().stream()
          .flatMap(resource -> resource.getScopeLogsList().stream())
          .forEach(scope -> logs.addAll(scope.getLogRecordsList()));
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private void receiveMetrics(HttpExchange exchange) throws IOException {
    try (exchange) {
      ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody())
          .getResourceMetricsList()
          .stream()
          .flatMap(resource -> resource.getScopeMetricsList().stream())
          .forEach(scope -> metrics.addAll(scope.getMetricsList()));
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      var request = ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
      received.addAll(request.getResourceSpansList());
      authorizations.add("" + exchange.getRequestHeaders().getFirst("authorization"));
      exchange.sendResponseHeaders(status, -1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
