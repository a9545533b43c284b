package io.signaldb.benchmarks.endtoend;

import io.opentelemetry.proto.trace.v1.Span;
import java.util.Arrays;
import java.util.HexFormat;

/** What the queries of the benchmark need to know about one generated trace. */
final class TraceFacts {
  /** A span name that occurs in many traces. */
  static final String COMMON_NAME = "SELECT shop.stock";

  private final byte[] traceId;
  private final int number;
  private final int customer;
  private long[] spanIds = new long[0];
  private int services;
  private int failedServices;
  private boolean commonName;
  private boolean exportName;
  private boolean serverError;
  private long longestNanos;

  TraceFacts(byte[] traceId, int number, int customer) {
    this.traceId = traceId;
    this.number = number;
    this.customer = customer;
  }

  void add(int service, long spanId, Span.Builder span, boolean failed) {
    spanIds = Arrays.copyOf(spanIds, spanIds.length + 1);
    spanIds[spanIds.length - 1] = spanId;
    services |= 1 << service;
    if (failed) {
      failedServices |= 1 << service;
    }
    commonName |= span.getName().equals(COMMON_NAME);
    exportName |= span.getName().startsWith("GET /admin/export-");
    longestNanos = Math.max(longestNanos, span.getEndTimeUnixNano() - span.getStartTimeUnixNano());
    serverError |=
        failed
            && span.getAttributesList().stream()
                .anyMatch(
                    attribute ->
                        attribute.getKey().equals("http.response.status_code")
                            && attribute.getValue().getIntValue() >= 500);
  }

  /** As the Tempo API spells it in search answers: without leading zeros. */
  String traceId() {
    return HexFormat.of().formatHex(traceId).replaceFirst("^0+", "");
  }

  String customerId() {
    return "customer-" + customer;
  }

  /** Of this trace only. */
  String cartId() {
    return "cart-" + Integer.toHexString(number * 0x9E3779B1);
  }

  long[] spanIds() {
    return spanIds;
  }

  long longestNanos() {
    return longestNanos;
  }

  boolean has(int service) {
    return (services & 1 << service) != 0;
  }

  boolean hasError(int service) {
    return (failedServices & 1 << service) != 0;
  }

  boolean hasCommonName() {
    return commonName;
  }

  boolean hasExportName() {
    return exportName;
  }

  boolean hasServerError() {
    return serverError;
  }
}
