package io.signaldb.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** A client of the Tempo API. Thread-safe. */
final class Tempo {
  private final URI base;
  private final Map<String, String> headers;

  Tempo(SignalDbProcess server, Map<String, String> headers) {
    this.base = server.router();
    this.headers = headers;
  }

  Tempo(SignalDbProcess server) {
    this(server, Map.of());
  }

  /**
   * @param path below {@code /tempo/api}
   */
  Http.Reply get(String path) {
    return Http.get(base.resolve("/tempo/api" + path), headers);
  }

  /** Spans of a trace in OTLP/JSON form; empty when there is no such trace. */
  List<JsonNode> spans(String traceId) {
    Http.Reply reply = get("/traces/" + traceId);
    if (reply.status() == 404) {
      return List.of();
    }
    if (reply.status() != 200) {
      throw new AssertionError("trace " + traceId + ": " + reply);
    }
    List<JsonNode> spans = new ArrayList<>();
    for (JsonNode batch : reply.json().path("batches")) {
      for (JsonNode scope : batch.path("scopeSpans")) {
        scope.path("spans").forEach(spans::add);
      }
    }
    return spans;
  }

  /** Span ids of a trace, 16 hex digits, as often as they are in the answer. */
  List<String> spanIds(String traceId) {
    return spans(traceId).stream()
        .map(span -> Base64.getDecoder().decode(span.path("spanId").asText()))
        .map(HexFormat.of()::formatHex)
        .toList();
  }

  Http.Reply search(String traceQl, String more) {
    return get("/search?q=" + URLEncoder.encode(traceQl, StandardCharsets.UTF_8) + more);
  }

  /** Ids of the traces that a query finds, without leading zeros. */
  List<String> traceIds(String traceQl) {
    Http.Reply reply = search(traceQl, "&limit=1000");
    if (reply.status() != 200) {
      throw new AssertionError(traceQl + ": " + reply);
    }
    List<String> ids = new ArrayList<>();
    reply.json().path("traces").forEach(trace -> ids.add(trace.path("traceID").asText()));
    return ids;
  }
}
