package io.signaldb.datafusion;

import static io.signaldb.datafusion.QueryTest.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.signaldb.datafusion.DataFusionException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against the few requests of S3's API that writing and reading one object takes. */
class S3Test {
  private static final Schema SCHEMA =
      Engine.schema(Engine.required("n", Engine.LONG), Engine.required("text", Engine.TEXT));

  private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  private final Map<String, byte[]> parts = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final Engine engine = new Engine();
  private HttpServer server;
  private SessionContext session;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
    engine.runtime.registerS3(
        "s3://bucket",
        Map.of(
            "endpoint", "http://127.0.0.1:" + server.getAddress().getPort(),
            "region", "us-east-1",
            "access_key_id", "id",
            "secret_access_key", "secret",
            "allow_http", "true"));
    session = engine.runtime.newSession();
  }

  @AfterEach
  void close() {
    session.close();
    server.stop(0);
    threads.shutdownNow();
    engine.closeWithIdleTasks();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String key = exchange.getRequestURI().getPath();
      String query = exchange.getRequestURI().getQuery();
      byte[] body = exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set("ETag", "\"tag\"");
      exchange.getResponseHeaders().set("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT");
      switch (exchange.getRequestMethod()) {
        case "POST" -> {
          if (query.startsWith("uploads")) {
            answer(
                exchange,
                200,
                "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
          } else {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            new TreeMap<>(parts).values().forEach(whole::writeBytes);
            objects.put(key, whole.toByteArray());
            answer(
                exchange,
                200,
                "<CompleteMultipartUploadResult><ETag>tag</ETag></CompleteMultipartUploadResult>");
          }
        }
        case "PUT" -> {
          int number = query == null ? -1 : query.indexOf("partNumber=");
          if (number < 0) {
            objects.put(key, body);
          } else {
            String part = query.substring(number + 11).replaceAll("&.*", "");
            parts.put("%05d".formatted(Integer.parseInt(part)), body);
          }
          answer(exchange, 200, "");
        }
        case "DELETE" -> {
          parts.clear();
          exchange.sendResponseHeaders(204, -1);
        }
        default -> get(exchange, objects.get(key));
      }
    }
  }

  private static void get(HttpExchange exchange, byte[] object) throws IOException {
    if (object == null) {
      answer(exchange, 404, "<Error><Code>NoSuchKey</Code></Error>");
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      exchange.sendResponseHeaders(200, object.length);
      exchange.getResponseBody().write(object);
      return;
    }
    String[] bounds = range.substring("bytes=".length()).split("-", 2);
    int start =
        bounds[0].isEmpty()
            ? object.length - Integer.parseInt(bounds[1])
            : Integer.parseInt(bounds[0]);
    int end =
        bounds[0].isEmpty() || bounds[1].isEmpty()
            ? object.length
            : Math.min(object.length, Integer.parseInt(bounds[1]) + 1);
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes " + start + "-" + (end - 1) + "/" + object.length);
    exchange.sendResponseHeaders(206, end - start);
    exchange.getResponseBody().write(Arrays.copyOfRange(object, start, end));
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Test
  void writesAndReadsAnObject() {
    ParquetFileInfo info;
    try (DataFrame frame =
        session.sql(
            "SELECT value AS n, 'row ' || value || ' ' || random() AS text FROM generate_series(1, 500000)")) {
      info =
          frame.writeParquet(
              "s3://bucket/a/b.parquet", ParquetWriteOptions.sorted(SCHEMA, List.of("n")));
    }
    assertThat(objects.get("/bucket/a/b.parquet")).hasSize((int) info.bytes());
    assertThat(parts).hasSizeGreaterThan(1);
    FileRef file = new FileRef("s3://bucket/a/b.parquet", info.bytes());
    assertThat(engine.runtime.presentColumns(List.of(file))).containsExactlyInAnyOrder("n", "text");
    session.registerParquet(new String[] {"t"}, SCHEMA, List.of(file), List.of("n"));
    assertThat(engine.column(session, "SELECT split_part(text, ' ', 2) FROM t WHERE n = 77"))
        .containsExactly("77");
    assertThat(engine.column(session, "SELECT count(*) FROM t")).containsExactly(500_000L);
  }

  @Test
  void namesTheObjectThatIsMissing() {
    FileRef file = new FileRef("s3://bucket/none.parquet", 100);
    session.registerParquet(new String[] {"t"}, SCHEMA, List.of(file), List.of());
    assertFails(() -> engine.column(session, "SELECT n FROM t"), Kind.IO, "none.parquet");
    assertFails(() -> engine.runtime.presentColumns(List.of(file)), Kind.IO, "none.parquet");
  }

  @Test
  void leavesNoObjectWhenTheQueryFails() {
    try (DataFrame frame =
        session.sql("SELECT 1 / (value - 9) AS n, 'x' AS text FROM generate_series(1, 10)")) {
      assertFails(
          () ->
              frame.writeParquet(
                  "s3://bucket/x.parquet", ParquetWriteOptions.streamed(SCHEMA, List.of())),
          Kind.EXECUTION,
          "Divide by zero");
    }
    assertThat(objects).isEmpty();
  }

  @Test
  void refusesBadBucketsAndOptions() {
    for (String url : List.of("s3://", "bucket", "http://bucket", "s3://bucket/prefix")) {
      assertFails(() -> engine.runtime.registerS3(url, Map.of()), Kind.ARGUMENT, url);
    }
    assertFails(
        () -> engine.runtime.registerS3("s3://b", Map.of("colour", "red")),
        Kind.ARGUMENT,
        "colour");
  }
}
