package io.signaldb.acceptor;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.signaldb.common.config.SignalDbConfig;
import io.signaldb.common.service.ServiceContext;
import io.signaldb.common.service.TestServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** An Acceptor on real ports, with a catalog of its own and no Writer yet. */
final class AcceptorFixture implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HttpClient client = HttpClient.newHttpClient();
  private final ServiceContext context;
  private final Acceptor acceptor;
  private final List<RecordingWriter> writers = new ArrayList<>();

  AcceptorFixture(Path directory, Map<String, String> settings) throws Exception {
    SignalDbConfig config = TestServices.config(directory, settings);
    context = TestServices.start(config);
    acceptor = new Acceptor(config, context);
    acceptor.start();
  }

  /** Another Writer on a free port. */
  RecordingWriter writer() throws Exception {
    return writer(0);
  }

  RecordingWriter writer(int port) throws Exception {
    RecordingWriter writer = new RecordingWriter(context, port);
    writers.add(writer);
    writer.start();
    return writer;
  }

  ServiceContext context() {
    return context;
  }

  int grpcPort() {
    return acceptor.grpcAddress().port();
  }

  /** A POST to /v1/traces. */
  HttpRequest.Builder post(String contentType, byte[] body) {
    return request("/v1/traces")
        .header("content-type", contentType)
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + acceptor.httpAddress().port() + path))
        .timeout(PATIENCE);
  }

  HttpResponse<byte[]> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The value of a line of /metrics that begins so. */
  double metric(String name) {
    return new String(send(request("/metrics").GET()).body(), UTF_8)
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain until " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    acceptor.close();
    writers.forEach(RecordingWriter::close);
    context.close();
  }
}
