package io.signaldb.producer;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Sends the telemetry of an online shop to an OTLP endpoint.
 *
 * <p>Exit status 0: everything was accepted; 1: some were not, or the endpoint did not answer; 2:
 * wrong usage. Stopping it with SIGINT or SIGTERM ends the run as its duration would.
 */
@Command(
    name = "signal-producer",
    mixinStandardHelpOptions = true,
    version = "signal-producer 0.1.0-SNAPSHOT",
    sortOptions = false,
    description = "Sends the traces, logs and metrics of an online shop to an OTLP endpoint.")
public final class ProducerMain implements Callable<Integer> {
  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(500);
  private static final Duration COLLECT_INTERVAL = Duration.ofSeconds(5);
  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(1);
  private static final long ANSWER_SECONDS = 60;

  @Option(
      names = "--protocol",
      paramLabel = "grpc|http",
      description = "OTLP transport (default: grpc).")
  private Protocol protocol = Protocol.GRPC;

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      description = "Where to send (default: http://localhost:4317, with http :4318).")
  private @Nullable URI endpoint;

  @Option(
      names = "--signals",
      split = ",",
      paramLabel = "SIGNAL",
      description = "What to send, of traces, logs, metrics (default: traces).")
  private List<Signal> signals = List.of(Signal.TRACES);

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Traces per second, 0 = as fast as they are accepted (default: 10).")
  private double rate = 10;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Stop after this time, such as 30s (default: go on).")
  private @Nullable Duration duration;

  @Option(names = "--traces", paramLabel = "N", description = "Stop after this many traces.")
  private long traces = Long.MAX_VALUE;

  @Option(
      names = "--services",
      paramLabel = "N",
      description = "Size of the shop, 1 to 12 services (default: 12).")
  private int services = Shop.SERVICES.size();

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      description = "Sent as 'authorization: Bearer KEY' (default: $SIGNALDB_API_KEY).")
  private @Nullable String apiKey = System.getenv("SIGNALDB_API_KEY");

  @Option(names = "--tenant", paramLabel = "ID", description = "Sent as x-tenant-id.")
  private @Nullable String tenant;

  @Option(names = "--dataset", paramLabel = "ID", description = "Sent as x-dataset-id.")
  private @Nullable String dataset;

  @Option(names = "--header", paramLabel = "NAME=VALUE", description = "Any other header.")
  private Map<String, String> headers = new LinkedHashMap<>();

  @Option(
      names = "--compression",
      paramLabel = "none|gzip",
      description = "Of the requests (default: none).")
  private String compression = "none";

  @Option(names = "--seed", paramLabel = "N", description = "Plays the same visits again.")
  private @Nullable Long seed;

  @Option(
      names = "--questions",
      paramLabel = "URL",
      description =
          "Afterwards print three questions about this run with their answers, for the Tempo API"
              + " at URL, such as http://localhost:3000/tempo.")
  private @Nullable String questions;

  @Spec private @Nullable CommandSpec spec;

  private final CountDownLatch stop = new CountDownLatch(1);

  /** Runs the command line and exits with its status. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /**
   * Runs the command line in this process.
   *
   * @return the exit status
   */
  public static int run(String... args) {
    return new CommandLine(new ProducerMain())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(args);
  }

  @Override
  public Integer call() throws InterruptedException {
    check();
    Telemetry telemetry = new Telemetry(EnumSet.copyOf(signals), protocol, target());
    RandomGenerator random =
        RandomGeneratorFactory.of("L64X128MixRandom")
            .create(seed == null ? System.nanoTime() : seed);
    ShopServices shop = new ShopServices(services, telemetry);
    TraceGenerator generator = new TraceGenerator(services, shop, random);

    Thread main = Thread.currentThread();
    Thread hook = new Thread(() -> stopAndAwait(main), "signal-producer-stop");
    Runtime.getRuntime().addShutdownHook(hook);

    Instant start = Instant.now();
    Tally tally = new Tally(start);
    Progress progress = new Progress(telemetry, tally, System.nanoTime());
    play(generator, shop, telemetry, tally, progress);
    shop.collectMetrics();
    boolean answered = telemetry.finish(ANSWER_SECONDS);
    progress.last();
    System.err.println("Accepted: " + telemetry.accepted());
    removeHook(hook);
    if (!answered) {
      System.err.println("No answer to the last requests within " + ANSWER_SECONDS + " s");
    }
    if (questions != null) {
      tally.questions(questions, Instant.now()).forEach(System.out::println);
    }
    return answered && telemetry.failed() == 0 ? 0 : 1;
  }

  private Protocol.Target target() {
    URI given = endpoint == null ? URI.create(protocol.defaultEndpoint()) : endpoint;
    return new Protocol.Target(given, allHeaders(), compression);
  }

  private void play(
      TraceGenerator generator,
      ShopServices shop,
      Telemetry telemetry,
      Tally tally,
      Progress progress)
      throws InterruptedException {
    long begin = System.nanoTime();
    long deadline = duration == null ? Long.MAX_VALUE : duration.toNanos();
    long flushed = begin;
    long collected = begin;
    long shown = begin;
    while (tally.traces() < traces) {
      long now = System.nanoTime();
      if (now - begin >= deadline) {
        return;
      }
      if (now - flushed >= FLUSH_INTERVAL.toNanos()) {
        telemetry.send();
        flushed = now;
      }
      if (now - collected >= COLLECT_INTERVAL.toNanos()) {
        shop.collectMetrics();
        collected = now;
      }
      if (now - shown >= PROGRESS_INTERVAL.toNanos()) {
        progress.show();
        shown = now;
      }
      long due = rate == 0 ? 0 : (long) (tally.traces() / rate * 1e9) - (now - begin);
      // Never longer than a tick, so that flushes, progress and the deadline are in time.
      long wait = Math.min(Math.max(due, 0), TimeUnit.MILLISECONDS.toNanos(100));
      if (stop.await(wait, TimeUnit.NANOSECONDS)) {
        return;
      }
      if (due == wait || due <= 0) {
        tally.add(generator.next(Instant.now()));
      }
    }
  }

  private void check() {
    require(
        protocol == Protocol.GRPC || signals.size() == 1 || !target().hasPath(),
        "--endpoint",
        "" + endpoint,
        "a URL without a path, for several signals");
    require(rate >= 0 && rate <= 1e6, "--rate", "" + rate, "0 to 1000000");
    require(traces > 0, "--traces", "" + traces, "a number above 0");
    require(
        services >= 1 && services <= Shop.SERVICES.size(),
        "--services",
        "" + services,
        "1 to " + Shop.SERVICES.size());
    require(
        compression.equals("none") || compression.equals("gzip"),
        "--compression",
        compression,
        "none or gzip");
    URI given = endpoint;
    require(
        given == null || (given.getHost() != null && ("" + given.getScheme()).matches("https?")),
        "--endpoint",
        "" + given,
        "a URL such as " + protocol.defaultEndpoint());
  }

  private void require(boolean holds, String option, String value, String expected) {
    if (!holds) {
      CommandSpec command = spec;
      if (command == null) {
        throw new IllegalStateException("not started by picocli");
      }
      throw new ParameterException(
          command.commandLine(),
          "Invalid value for " + option + ": '" + value + "', expected " + expected);
    }
  }

  private Map<String, String> allHeaders() {
    Map<String, String> all = new LinkedHashMap<>(headers);
    if (apiKey != null) {
      all.put("authorization", "Bearer " + apiKey);
    }
    if (tenant != null) {
      all.put("x-tenant-id", tenant);
    }
    if (dataset != null) {
      all.put("x-dataset-id", dataset);
    }
    return all;
  }

  private void stopAndAwait(Thread main) {
    stop.countDown();
    try {
      main.join(TimeUnit.SECONDS.toMillis(ANSWER_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // Shutting down already: the hook is what waits for this thread.
    }
  }

  /** One line that follows the run: rewritten on a terminal, one in ten seconds elsewhere. */
  private static final class Progress {
    private final Telemetry telemetry;
    private final Tally tally;
    private final long begin;
    private final boolean terminal = CommandLine.Help.Ansi.AUTO.enabled();
    private int shown;

    Progress(Telemetry telemetry, Tally tally, long begin) {
      this.telemetry = telemetry;
      this.tally = tally;
      this.begin = begin;
    }

    void show() {
      if (terminal) {
        System.err.print("\r" + line());
      } else if (shown++ % 10 == 0) {
        System.err.println(line());
      }
    }

    void last() {
      System.err.println((terminal ? "\r" : "") + line());
    }

    private String line() {
      double seconds = (System.nanoTime() - begin) / 1e9;
      return String.format(
          Locale.ROOT,
          "%.0f s: %d traces, %d spans, %d accepted, %d failed, %.0f/s",
          seconds,
          tally.traces(),
          tally.spans(),
          telemetry.exported(),
          telemetry.failed(),
          telemetry.exported() / Math.max(seconds, 1e-3));
    }
  }
}
