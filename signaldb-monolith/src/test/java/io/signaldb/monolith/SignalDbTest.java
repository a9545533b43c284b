package io.signaldb.monolith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signaldb.common.config.ConfigLoader;
import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.lifecycle.Component;
import io.signaldb.common.service.ServiceContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OTLP in and the Tempo API out of the one process, on an empty directory. */
class SignalDbTest {
  private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
  private static final Path THREADS = Path.of("/proc/self/task");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final int otlpPort = freePort();
  private final int apiPort = freePort();

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private SignalDbConfig config(Path directory) {
    Map<String, String> settings =
        Map.of(
            "data_dir", directory.toString(),
            "acceptor.grpc_port", "0",
            "acceptor.http_port", Integer.toString(otlpPort),
            "writer.flight_port", "0",
            "querier.flight_port", "0",
            "router.flight_port", "0",
            "router.http_port", Integer.toString(apiPort));
    return new ConfigLoader(Map.of(), Map.of()).load(null, settings).config();
  }

  private Component start(Path directory) throws Exception {
    SignalDbConfig config = config(directory);
    ServiceContext context = new ServiceContext(config, Clock.systemUTC());
    Component process = Component.sequence(context, SignalDb.assemble(config, context));
    process.start();
    return process;
  }

  private void send(long startUnixNano) throws Exception {
    String body =
        """
        {"resourceSpans":[{
          "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
          "scopeSpans":[{"scope":{"name":"test"},"spans":[{
            "traceId":"%s","spanId":"00f067aa0ba902b7","name":"GET /cart","kind":2,
            "startTimeUnixNano":"%d","endTimeUnixNano":"%d",
            "attributes":[{"key":"items","value":{"intValue":"3"}}]}]}]}]}
        """
            .formatted(TRACE_ID, startUnixNano, startUnixNano + 1_000_001);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + otlpPort + "/v1/traces"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(200);
  }

  private JsonNode get(String path) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + apiPort + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  private void assertFound(long start) throws Exception {
    JsonNode span = get("/tempo/api/traces/" + TRACE_ID).at("/batches/0/scopeSpans/0/spans/0");
    assertThat(span.path("name").asText()).isEqualTo("GET /cart");
    assertThat(span.path("startTimeUnixNano").asText()).isEqualTo(Long.toString(start));
    assertThat(span.at("/attributes/0/value/intValue").asText()).isEqualTo("3");
    JsonNode v2 = get("/tempo/api/v2/traces/" + TRACE_ID);
    assertThat(v2.at("/trace/resourceSpans/0/scopeSpans/0/spans/0")).isEqualTo(span);
    assertThat(v2.has("status")).isFalse();
    String q =
        URLEncoder.encode(
            "{resource.service.name=\"shop\" && span.items>2}", StandardCharsets.UTF_8);
    JsonNode traces = get("/tempo/api/search?q=" + q).path("traces");
    assertThat(traces).hasSize(1);
    assertThat(traces.at("/0/traceID").asText()).isEqualTo(TRACE_ID.substring(1));
    assertThat(traces.at("/0/rootTraceName").asText()).isEqualTo("GET /cart");
  }

  @Test
  void answersWithASpanAsSoonAsItIsAckedAndAfterARestart(@TempDir Path directory) throws Exception {
    long start = now();
    Component process = start(directory);
    try {
      send(start);
      assertFound(start); // no waiting: acked means visible
    } finally {
      process.close();
    }
    process = start(directory);
    try {
      assertFound(start);
    } finally {
      process.close();
    }
  }

  @Test
  void servicesShareOneEngineBesideThatOfSql(@TempDir Path directory) throws Exception {
    assumeThat(THREADS).isDirectory();
    long before = engineThreads();
    long shared = Runtime.getRuntime().availableProcessors();
    long ofSql = shared * (config(directory).sql().maxConcurrent() + 1L);
    Component process = start(directory);
    try {
      assertThat(engineThreads() - before).isEqualTo(shared + ofSql);
    } finally {
      process.close();
    }
  }

  /** Threads that the native engine has started and that nothing has been asked of yet. */
  private static long engineThreads() throws IOException {
    long threads = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(THREADS)) {
      for (Path thread : all) {
        try {
          // Linux keeps fifteen characters of a name.
          if (Files.readString(thread.resolve("comm")).strip().equals("signaldb-datafu")) {
            threads++;
          }
        } catch (NoSuchFileException e) {
          // It has ended since the directory was listed.
        }
      }
    }
    return threads;
  }

  @Test
  void namesThePortThatIsTakenAndTheKeyThatMovesIt(@TempDir Path directory) throws Exception {
    try (ServerSocket taken = new ServerSocket(apiPort, 1, InetAddress.getLoopbackAddress())) {
      assertThat(taken.isBound()).isTrue();
      assertThatThrownBy(() -> start(directory))
          .isInstanceOf(SignalDbException.class)
          .hasMessageContaining("Port " + apiPort)
          .hasMessageContaining("[router] http_port")
          .hasMessageContaining("SIGNALDB_ROUTER_HTTP_PORT");
    }
  }

  @Test
  void saysWhereEverythingListens(@TempDir Path directory) {
    var out = new ByteArrayOutputStream();
    new Banner(config(directory), new PrintStream(out, true, StandardCharsets.UTF_8)).start();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("SignalDB is ready.")
        .contains("http://localhost:" + otlpPort + "/v1/traces")
        .contains("http://localhost:" + apiPort + "/tempo")
        .contains("curl")
        .contains(directory.toString());
  }
}
