package io.signaldb.benchmarks.endtoend;

import io.signaldb.benchmarks.endtoend.TempoClient.Answer;
import io.signaldb.benchmarks.endtoend.TempoClient.WrongAnswer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the monolith from outside: load, settling, queries with checked answers, freshness.
 *
 * <p>Exit status 0: every answer was right; 1: one was wrong, or the server failed.
 */
@Command(
    name = "benchmarks/run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Loads an empty monolith, asks it, and prints what that cost.")
public final class EndToEndMain implements Callable<Integer> {
  private static final int IN_FLIGHT = 4;
  private static final int WARMUP = 3;

  @Option(
      names = "--spans",
      paramLabel = "N",
      description = "Spans to send (default: ${DEFAULT-VALUE}).")
  private long spans = 1_000_000;

  @Option(names = "--quick", description = "50 000 spans and few repetitions.")
  private boolean quick;

  @Option(
      names = "--repetitions",
      paramLabel = "N",
      description = "Times each query is asked (default: ${DEFAULT-VALUE}).")
  private int repetitions = 50;

  @Option(
      names = "--profile",
      description = "Sample the server's CPU during load and settling, and print the hot spots.")
  private boolean profile;

  @Option(
      names = "--profile-queries",
      description = "Sample the server's CPU during the queries, and print the hot spots.")
  private boolean profileQueries;

  @Option(
      names = "--launcher",
      paramLabel = "FILE",
      description = "Starts the server (default: ${DEFAULT-VALUE}).")
  private Path launcher = Path.of("bin", "signaldb");

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Where the server keeps its data; emptied first (default: ${DEFAULT-VALUE}).")
  private Path directory = Path.of("benchmarks", "target", "end-to-end");

  @Option(names = "--seed", paramLabel = "N", description = "Of the generator.")
  private long seed = 1;

  private boolean wrong;

  /** Runs the benchmark and exits with its status. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new EndToEndMain()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (quick) {
      spans = Math.min(spans, 50_000);
      repetitions = Math.min(repetitions, 10);
    }
    print("machine: %s", machine());
    Workload workload = Workload.generate(spans, seed, Instant.now());
    print("workload: %s; seed %d", workload.describe(), seed);
    Path top = directory.toAbsolutePath();
    delete(top);
    Path dataDir = Files.createDirectories(top.resolve("data"));
    long begin = System.nanoTime();
    try (Server server = Server.start(launcher.toAbsolutePath(), dataDir);
        OtlpClient otlp = new OtlpClient(server.grpcPort())) {
      TempoClient tempo = new TempoClient(server.tempo());
      print("server: ready after %.1f s", (System.nanoTime() - begin) / 1e9);
      load(server, otlp, tempo, workload, top);
      ask(server, tempo, workload, top);
      fresh(otlp, tempo);
      print("peak RSS %.2f GB", server.peakRssBytes() / 1e9);
    }
    return wrong ? 1 : 0;
  }

  private void load(Server server, OtlpClient otlp, TempoClient tempo, Workload workload, Path top)
      throws IOException, InterruptedException {
    Profile sampling = profile ? Profile.start(server.pid(), top) : null;
    Freshness freshness = new Freshness(otlp, tempo);
    AtomicBoolean loading = new AtomicBoolean(true);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread prober = new Thread(() -> freshness.probe(1000, loading::get), "benchmark-freshness");
    prober.setUncaughtExceptionHandler((thread, error) -> failure.set(error));
    double before = server.cpuSeconds();
    double clientBefore = clientCpuSeconds();
    prober.start();
    OtlpClient.Load load = otlp.sendAll(workload.requests(), IN_FLIGHT);
    double acked = server.cpuSeconds() - before;
    double client = clientCpuSeconds() - clientBefore;
    loading.set(false);
    prober.join();
    print("");
    double million = workload.spans() / 1e6;
    print(
        "load: %.1f s, %,.0f spans/s acked, ack p50 %.1f ms, p99 %.1f ms, max %.0f ms, %d refused",
        load.seconds(),
        workload.spans() / load.seconds(),
        load.ackMillis().p50(),
        load.ackMillis().p99(),
        load.ackMillis().max(),
        load.refused());
    print("  peak RSS %.2f GB; client used %.1f CPU-s", server.peakRssBytes() / 1e9, client);
    if (failure.get() != null) {
      wrong = true;
      print("  WRONG freshness under load: %s", failure.get().getMessage());
    } else {
      printFreshness("  under load, ", freshness);
    }
    Map<String, Double> threads = server.cpuSecondsByThread();
    server.awaitQuiet(Duration.ofSeconds(quick ? 35 : 45));
    double settled = server.cpuSeconds() - before;
    print(
        "CPU-s per million spans: %.1f at ack, %.1f settled (%.1f and %.1f CPU-s in all)",
        acked / million, settled / million, acked, settled);
    long disk = server.bytesBelow("storage");
    print(
        "disk: %.1f bytes a span (%s; with metadata %.1f MB); WAL left %.1f MB",
        (double) disk / workload.spans(),
        server.describeDataFiles(),
        disk / 1e6,
        server.bytesBelow("wal") / 1e6);
    print("CPU-s by threads alive at ack: %s", topThreads(threads));
    print("CPU-s by threads alive, settled: %s", topThreads(server.cpuSecondsByThread()));
    if (sampling != null) {
      sampling.stop().forEach(System.out::println);
    }
  }

  private void ask(Server server, TempoClient tempo, Workload workload, Path top)
      throws IOException, InterruptedException {
    Profile sampling = profileQueries ? Profile.start(server.pid(), top) : null;
    print("");
    print("%-30s %9s %9s %9s %9s  %s", "query", "p50 ms", "p99 ms", "max ms", "CPU ms", "bytes");
    for (Question question : Question.all(workload)) {
      try {
        measure(question, server, tempo);
      } catch (WrongAnswer | UncheckedIOException e) {
        wrong = true;
        print("%-30s WRONG %s", question.name(), e.getMessage());
      }
    }
    if (sampling != null) {
      sampling.stop().forEach(System.out::println);
    }
  }

  private void measure(Question question, Server server, TempoClient tempo) {
    for (int i = 0; i < WARMUP; i++) {
      answer(question.ask().apply(repetitions + i), tempo);
    }
    List<Answer> answers = new ArrayList<>();
    double before = server.cpuSeconds();
    for (int i = 0; i < repetitions; i++) {
      answers.add(answer(question.ask().apply(i), tempo));
    }
    double cpu = server.cpuSeconds() - before;
    Quantiles millis = Quantiles.of(answers.stream().mapToDouble(Answer::millis).toArray());
    print(
        "%-30s %9.1f %9.1f %9.1f %9.1f  %,d",
        question.name(),
        millis.p50(),
        millis.p99(),
        millis.max(),
        cpu * 1e3 / repetitions,
        answers.get(0).body().length());
  }

  private static Answer answer(Question.Ask ask, TempoClient tempo) {
    Answer answer = tempo.get(ask.path());
    ask.check().accept(answer);
    return answer;
  }

  private void fresh(OtlpClient otlp, TempoClient tempo) {
    Freshness freshness = new Freshness(otlp, tempo);
    int probes = quick ? 20 : 200;
    try {
      freshness.probe(5, () -> freshness.probes() < probes);
      print("");
      printFreshness("", freshness);
    } catch (RuntimeException e) {
      wrong = true;
      print("WRONG freshness: %s", e.getMessage());
    }
  }

  private static void printFreshness(String prefix, Freshness freshness) {
    if (freshness.probes() == 0) {
      return;
    }
    Quantiles byId = freshness.byId();
    Quantiles bySearch = freshness.bySearch();
    print(
        "%sack to found: by id p50 %.1f ms, p99 %.1f ms; then by search p50 %.1f ms, p99 %.1f ms"
            + " (%d probes)",
        prefix, byId.p50(), byId.p99(), bySearch.p50(), bySearch.p99(), freshness.probes());
  }

  private static String topThreads(Map<String, Double> seconds) {
    StringBuilder line = new StringBuilder();
    seconds.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .filter(entry -> entry.getValue() >= 0.1)
        .limit(14)
        .forEach(
            entry ->
                line.append(
                    String.format(Locale.ROOT, "%s %.1f, ", entry.getKey(), entry.getValue())));
    return line.substring(0, Math.max(0, line.length() - 2));
  }

  private static String machine() throws IOException {
    Map<String, String> facts = new HashMap<>();
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        facts.putIfAbsent(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
    }
    String memory = Files.readAllLines(Path.of("/proc/meminfo")).get(0).replaceAll("\\D", "");
    return String.format(
        Locale.ROOT,
        "%d cores of %s, %.0f GB, %s %s, load %s, Java %s",
        Runtime.getRuntime().availableProcessors(),
        facts.getOrDefault("model name", "unknown CPU"),
        Long.parseLong(memory) / 1e6,
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0],
        Runtime.version());
  }

  private static double clientCpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : Double.NaN;
  }

  private static void delete(Path top) throws IOException {
    if (!Files.exists(top)) {
      return;
    }
    try (var files = Files.walk(top)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void print(String format, @Nullable Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }
}
