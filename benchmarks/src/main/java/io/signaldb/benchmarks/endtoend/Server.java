package io.signaldb.benchmarks.endtoend;

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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The monolith as a process of its own, started by its launcher, measured through /proc. */
final class Server implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final double TICKS_PER_SECOND = 100;

  private final Process process;
  private final Path dataDir;
  private final int grpcPort;
  private final int httpPort;

  private Server(Process process, Path dataDir, int grpcPort, int httpPort) {
    this.process = process;
    this.dataDir = dataDir;
    this.grpcPort = grpcPort;
    this.httpPort = httpPort;
  }

  /**
   * Starts the monolith and waits until it is ready.
   *
   * @param launcher {@code bin/signaldb}, which replaces itself by the JVM
   * @param dataDir an empty directory; the log goes to {@code server.log} in its parent
   */
  static Server start(Path launcher, Path dataDir) throws IOException {
    List<Integer> ports = freePorts(6);
    ProcessBuilder builder =
        new ProcessBuilder(launcher.toString(), "start", "--data-dir", dataDir.toString());
    builder.directory(dataDir.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("SIGNALDB_ACCEPTOR_GRPC_PORT", "" + ports.get(0));
    environment.put("SIGNALDB_ACCEPTOR_HTTP_PORT", "" + ports.get(1));
    environment.put("SIGNALDB_ROUTER_HTTP_PORT", "" + ports.get(2));
    environment.put("SIGNALDB_ROUTER_FLIGHT_PORT", "" + ports.get(3));
    environment.put("SIGNALDB_WRITER_FLIGHT_PORT", "" + ports.get(4));
    environment.put("SIGNALDB_QUERIER_FLIGHT_PORT", "" + ports.get(5));
    Path log = dataDir.resolveSibling("server.log");
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    Process process = builder.start();
    Server server = new Server(process, dataDir, ports.get(0), ports.get(2));
    try {
      server.awaitReady(log);
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  int grpcPort() {
    return grpcPort;
  }

  URI tempo() {
    return URI.create("http://127.0.0.1:" + httpPort + "/tempo");
  }

  long pid() {
    return process.pid();
  }

  /** CPU that the process has used, user and system. */
  double cpuSeconds() {
    return ticks(Path.of("/proc", "" + pid(), "stat")) / TICKS_PER_SECOND;
  }

  /** CPU seconds by thread name without its numbers; only of threads that still run. */
  Map<String, Double> cpuSecondsByThread() {
    Map<String, Double> seconds = new TreeMap<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc", "" + pid(), "task"))) {
      for (Path task : tasks.toList()) {
        String name = read(task.resolve("comm")).strip().replaceAll("[-# ]*\\d+.*$", "");
        seconds.merge(name, ticks(task.resolve("stat")) / TICKS_PER_SECOND, Double::sum);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return seconds;
  }

  /** Most memory the process ever had resident. */
  long peakRssBytes() {
    return read(Path.of("/proc", "" + pid(), "status"))
        .lines()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }

  /** Bytes of the files below a directory of the data directory. */
  long bytesBelow(String directory) {
    Path top = dataDir.resolve(directory);
    if (!Files.exists(top)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(top)) {
      return files.filter(Files::isRegularFile).mapToLong(Server::size).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Number and bytes of the data files, metadata left out. */
  String describeDataFiles() {
    try (Stream<Path> files = Files.walk(dataDir.resolve("storage"))) {
      List<Path> parquet = files.filter(file -> file.toString().endsWith(".parquet")).toList();
      long bytes = parquet.stream().mapToLong(Server::size).sum();
      return String.format("%d files, %.1f MB", parquet.size(), bytes / 1e6);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits until the process has used at most a thirtieth of a core for five seconds.
   *
   * @param atLeast waits this long in any case, so that timers of the process get their turn
   */
  void awaitQuiet(Duration atLeast) {
    long begin = System.nanoTime();
    int quiet = 0;
    double before = cpuSeconds();
    while (quiet < 5 || System.nanoTime() - begin < atLeast.toNanos()) {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
      double now = cpuSeconds();
      quiet = now - before <= 0.03 ? quiet + 1 : 0;
      before = now;
      if (System.nanoTime() - begin > TimeUnit.MINUTES.toNanos(5)) {
        throw new IllegalStateException("the server is still busy 5 minutes after the load");
      }
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(40, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void awaitReady(Path log) {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest ready =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/ready")).build();
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (System.nanoTime() < deadline) {
      if (!process.isAlive()) {
        throw new IllegalStateException("the server ended while starting:\n" + read(log));
      }
      try {
        if (client.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // Not listening yet.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    throw new IllegalStateException(
        "the server was not ready within " + START_TIMEOUT.toSeconds() + " s:\n" + read(log));
  }

  private static double ticks(Path stat) {
    String line;
    try {
      line = Files.readString(stat);
    } catch (IOException e) {
      // A thread may end between being listed and being read.
      return 0;
    }
    // The name in parentheses may hold blanks.
    String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      // Expired between being listed and being read.
      return 0;
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
