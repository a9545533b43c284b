package io.signaldb.benchmarks.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/**
 * Where a process spends its CPU: Flight Recorder for Java frames and, if it is installed and
 * permitted, perf for all of them, native ones included.
 */
final class Profile {
  private static final int TOP = 10;

  private final long pid;
  private final Path directory;
  private final @Nullable Process perf;

  private Profile(long pid, Path directory, @Nullable Process perf) {
    this.pid = pid;
    this.directory = directory;
    this.perf = perf;
  }

  /** Starts sampling the process; recordings go to {@code directory}. */
  static Profile start(long pid, Path directory) throws IOException, InterruptedException {
    run("jcmd", "" + pid, "JFR.start", "name=benchmark", "settings=profile");
    return new Profile(pid, directory, startPerf(pid, directory));
  }

  /**
   * Stops sampling.
   *
   * @return the report, line by line
   */
  List<String> stop() throws IOException, InterruptedException {
    Path recording = directory.resolve("benchmark.jfr");
    run("jcmd", "" + pid, "JFR.stop", "name=benchmark", "filename=" + recording);
    List<String> lines = new ArrayList<>(javaFrames(recording));
    Process sampler = perf;
    if (sampler != null) {
      // SIGINT, at which perf writes its index; a destroyed perf leaves an unreadable file.
      run("kill", "-INT", "" + sampler.pid());
      sampler.waitFor(30, TimeUnit.SECONDS);
      lines.addAll(allFrames());
    }
    return lines;
  }

  private static @Nullable Process startPerf(long pid, Path directory) {
    try {
      return new ProcessBuilder(
              "perf", "record", "-q", "-F", "199", "-p", "" + pid, "-o", "perf.data")
          .directory(directory.toFile())
          .redirectErrorStream(true)
          .redirectOutput(directory.resolve("perf.log").toFile())
          .start();
    } catch (IOException e) {
      System.err.println("no profile of native frames: " + e.getMessage());
      return null;
    }
  }

  private static List<String> javaFrames(Path recording) throws IOException {
    Map<String, Integer> leaves = new HashMap<>();
    Map<String, Integer> own = new HashMap<>();
    int samples = 0;
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (!event.getEventType().getName().equals("jdk.ExecutionSample")
            || event.getStackTrace() == null) {
          continue;
        }
        samples++;
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        leaves.merge(name(frames.get(0)), 1, Integer::sum);
        frames.stream()
            .map(Profile::name)
            .filter(name -> name.startsWith("io.signaldb."))
            .findFirst()
            .ifPresent(name -> own.merge(name, 1, Integer::sum));
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add("Java methods on top of the stack (" + samples + " samples):");
    lines.addAll(top(leaves, samples));
    lines.add("Own methods nearest the top:");
    lines.addAll(top(own, samples));
    return lines;
  }

  private List<String> allFrames() throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    lines.add("perf, by library:");
    lines.addAll(perfReport("dso"));
    lines.add("perf, by symbol (code compiled by the JVM has none):");
    lines.addAll(perfReport("dso,symbol"));
    lines.add("perf, by thread:");
    lines.addAll(perfReport("comm"));
    return lines;
  }

  private List<String> perfReport(String sort) throws IOException, InterruptedException {
    Process report =
        new ProcessBuilder(
                "perf", "report", "-i", "perf.data", "--stdio", "--no-children", "-q", "-s", sort)
            .directory(directory.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<String> lines = new ArrayList<>();
    try (InputStream output = report.getInputStream()) {
      new String(output.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank())
          .limit(sort.equals("dso,symbol") ? 3L * TOP : TOP)
          .forEach(line -> lines.add("  " + line.strip()));
    }
    report.waitFor();
    return lines;
  }

  private static List<String> top(Map<String, Integer> counts, int samples) {
    return counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(TOP)
        .map(
            entry ->
                String.format(
                    Locale.ROOT,
                    "  %5.1f %%  %s",
                    100.0 * entry.getValue() / samples,
                    entry.getKey()))
        .toList();
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("command", ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + " failed: " + Files.readString(output));
      }
    } finally {
      Files.delete(output);
    }
  }
}
