package io.signaldb.benchmarks.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;

/** Asks the Tempo API. Thread-safe. */
final class TempoClient {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI base;

  TempoClient(URI base) {
    this.base = base;
  }

  /** Path of a search for the traces that {@code query} selects. */
  static String search(String query, int limit, Instant start, Instant end) {
    return "/api/search?q="
        + URLEncoder.encode(query, StandardCharsets.UTF_8)
        + "&limit="
        + limit
        + "&start="
        + start.getEpochSecond()
        + "&end="
        + (end.getEpochSecond() + 1);
  }

  static String traceById(String id) {
    return "/api/traces/" + id;
  }

  Answer get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofMinutes(2)).build();
    long begin = System.nanoTime();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return new Answer(
          path, response.statusCode(), response.body(), (System.nanoTime() - begin) / 1e6);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** One answer and the time until its last byte. */
  record Answer(String path, int status, String body, double millis) {

    /** Ids of the traces of a search answer. */
    Set<String> traceIds() {
      Set<String> ids = new HashSet<>();
      for (JsonNode trace : json().path("traces")) {
        ids.add(trace.path("traceID").asText());
      }
      return ids;
    }

    /** Ids of the spans of a trace. */
    Set<Long> spanIds() {
      Set<Long> ids = new HashSet<>();
      for (JsonNode batch : json().path("batches")) {
        for (JsonNode scope : batch.path("scopeSpans")) {
          for (JsonNode span : scope.path("spans")) {
            byte[] id = Base64.getDecoder().decode(span.path("spanId").asText());
            if (!ids.add(HexFormat.fromHexDigitsToLong(HexFormat.of().formatHex(id)))) {
              throw new WrongAnswer(this, "span " + span.path("spanId") + " twice");
            }
          }
        }
      }
      return ids;
    }

    private JsonNode json() {
      if (status != 200) {
        throw new WrongAnswer(this, "expected status 200");
      }
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new WrongAnswer(this, "not JSON: " + e.getMessage());
      }
    }
  }

  /** An answer differs from what the generator knows. */
  static final class WrongAnswer extends RuntimeException {
    private static final int SHOWN = 300;

    WrongAnswer(Answer answer, String what) {
      super(what + "; GET " + answer.path + " answered " + answer.status + ": " + excerpt(answer));
    }

    private static String excerpt(Answer answer) {
      String text = answer.body;
      return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
  }
}
