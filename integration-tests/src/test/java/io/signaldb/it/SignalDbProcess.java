package io.signaldb.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The monolith as a user runs it: {@code bin/signaldb} in a process of its own, on free ports that
 * stay the same over restarts.
 *
 * <p>Not thread-safe, but for the accessors.
 */
final class SignalDbProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final int ENDED_BY_SIGTERM = 128 + 15;
  private static final Path ROOT = Path.of(System.getProperty("signaldb.root"));

  private final Path directory;
  private final Map<String, String> environment;
  private final int grpcPort;
  private final int otlpHttpPort;
  private final int routerPort;
  private final int flightPort;
  private final HttpClient http = HttpClient.newHttpClient();
  private Process process;
  private int starts;

  private SignalDbProcess(Path directory, Map<String, String> settings) throws IOException {
    this.directory = directory;
    List<Integer> ports = freePorts(6);
    this.grpcPort = ports.get(0);
    this.otlpHttpPort = ports.get(1);
    this.routerPort = ports.get(2);
    this.flightPort = ports.get(3);
    this.environment = new LinkedHashMap<>();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("SIGNALDB_ACCEPTOR_GRPC_PORT", "" + grpcPort);
    environment.put("SIGNALDB_ACCEPTOR_HTTP_PORT", "" + otlpHttpPort);
    environment.put("SIGNALDB_ROUTER_HTTP_PORT", "" + routerPort);
    environment.put("SIGNALDB_ROUTER_FLIGHT_PORT", "" + flightPort);
    environment.put("SIGNALDB_WRITER_FLIGHT_PORT", "" + ports.get(4));
    environment.put("SIGNALDB_QUERIER_FLIGHT_PORT", "" + ports.get(5));
    environment.putAll(settings);
  }

  /**
   * Starts the monolith with the embedded defaults.
   *
   * @param directory its working directory, where {@code .data} and the logs go
   * @param settings environment variables, such as {@code SIGNALDB_WRITER_COMMIT_MAX_AGE}
   */
  static SignalDbProcess start(Path directory, Map<String, String> settings) throws IOException {
    SignalDbProcess server = new SignalDbProcess(directory, settings);
    try {
      server.start();
      return server;
    } catch (RuntimeException | AssertionError e) {
      server.close();
      throw e;
    }
  }

  /** Starts again on the same directory and ports, and waits until the server is ready. */
  void start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(ROOT.resolve("bin/signaldb").toString());
    builder.directory(directory.toFile());
    builder.environment().putAll(environment);
    starts++;
    builder.redirectErrorStream(true).redirectOutput(logFile().toFile());
    process = builder.start();
    Await.until(
        START_TIMEOUT,
        this::readyOrEnded,
        () -> "not ready within " + START_TIMEOUT.toSeconds() + " s:\n" + log());
    if (!process.isAlive()) {
      throw new AssertionError("ended with " + process.exitValue() + " while starting:\n" + log());
    }
  }

  /** Ends the process without giving it a chance to do anything about it. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Asks the process to stop, as an operator does, and waits until it has done so in order. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running 60 s after SIGTERM:\n" + log());
    }
    if (process.exitValue() != ENDED_BY_SIGTERM) {
      throw new AssertionError("ended with " + process.exitValue() + ":\n" + log());
    }
  }

  /** Rows the Acceptor has accepted since the process began, by signal. */
  Map<String, Double> acceptedRows() {
    String metrics = Http.get(otlpHttp().resolve("/metrics"), Map.of()).body();
    return Map.of(
        "traces", acceptedRows(metrics, "traces"),
        "logs", acceptedRows(metrics, "logs"),
        "metrics", acceptedRows(metrics, "metrics"));
  }

  private static double acceptedRows(String metrics, String signal) {
    return metrics
        .lines()
        .filter(line -> line.startsWith("signaldb_acceptor_rows_total"))
        .filter(line -> line.contains("outcome=\"accepted\""))
        .filter(line -> line.contains("signal=\"" + signal + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  int grpcPort() {
    return grpcPort;
  }

  URI otlpHttp() {
    return URI.create("http://127.0.0.1:" + otlpHttpPort);
  }

  URI router() {
    return URI.create("http://127.0.0.1:" + routerPort);
  }

  /** The Router's Flight port, of all loopback addresses. */
  int flightPort() {
    return flightPort;
  }

  Path dataDir() {
    return directory.resolve(".data");
  }

  /** What the process has printed since it was last started. */
  String log() {
    try {
      return Files.readString(logFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly().onExit().join();
    }
  }

  private Path logFile() {
    return directory.resolve("server-" + starts + ".log");
  }

  private boolean readyOrEnded() {
    if (!process.isAlive()) {
      return true;
    }
    HttpRequest ready = HttpRequest.newBuilder(router().resolve("/ready")).build();
    try {
      return http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
