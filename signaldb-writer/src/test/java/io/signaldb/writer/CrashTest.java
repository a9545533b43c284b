package io.signaldb.writer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Writer in a process of its own that dies without warning, and the next one on its logs. */
class CrashTest {
  @TempDir Path directory;

  /** Stores batches and says so on its output; arguments are the directory and where to die. */
  static final class Victim {
    static final String AFTER_FILES = "after-files";
    static final String AFTER_COMMIT = "after-commit";
    static final String NEVER = "never";

    private Victim() {}

    public static void main(String[] args) throws Exception {
      UnaryOperator<DataFileWriter> files =
          args[1].equals(AFTER_FILES) ? Victim::dyingAfter : UnaryOperator.identity();
      RunningWriter writer = RunningWriter.start(FaultyCatalog.config(Path.of(args[0])), files);
      for (int batch = 0; batch < 3; batch++) {
        store(writer, batch);
      }
      if (args[1].equals(AFTER_COMMIT)) {
        writer.createTable();
        FaultyCatalog.next(FaultyCatalog.Fault.DIES_AFTER);
      }
      if (!args[1].equals(NEVER)) {
        writer.flush();
      }
      for (int batch = 3; ; batch++) {
        store(writer, batch);
        if (batch % 20 == 0) {
          writer.flush();
        }
      }
    }

    private static void store(RunningWriter writer, int batch) throws Exception {
      writer.store(Spans.batch(batch, Spans.numbered(10 * batch, 10)));
      System.out.println("stored " + batch);
      System.out.flush();
    }

    private static DataFileWriter dyingAfter(DataFileWriter real) {
      return (table, rows, after, through) -> {
        real.write(table, rows, after, through);
        Runtime.getRuntime().halt(137);
        throw new AssertionError();
      };
    }
  }

  @Test
  void rowsWhoseFilesWereWrittenButNotCommittedAreCommittedOnce() throws Exception {
    List<String> output = run(Victim.AFTER_FILES, Integer.MAX_VALUE);
    assertThat(output).containsExactly("stored 0", "stored 1", "stored 2");

    assertEveryRowOnce(3, 30, 0);
  }

  @Test
  void rowsThatWereCommittedButNotFreedAreNotCommittedAgain() throws Exception {
    List<String> output = run(Victim.AFTER_COMMIT, Integer.MAX_VALUE);
    assertThat(output).containsExactly("stored 0", "stored 1", "stored 2");

    assertEveryRowOnce(3, 0, 30);
  }

  @Test
  void everyAcknowledgedRowSurvivesAKillAtAnyMoment() throws Exception {
    List<String> output = run(Victim.NEVER, 47);
    int stored = output.size();

    try (RunningWriter writer = restarted()) {
      List<String> rows = allRows(writer);
      assertThat(rows).doesNotHaveDuplicates();
      assertThat(rows).containsAll(RunningWriter.spanIds(0, 10 * stored));
      // The unanswered batch may be there; sent again, it is there once.
      writer.store(Spans.batch(stored, Spans.numbered(10 * stored, 10)));
      assertThat(allRows(writer)).isEqualTo(RunningWriter.spanIds(0, 10 * (stored + 1)));
    }
  }

  private void assertEveryRowOnce(int batches, int fresh, int committed) throws Exception {
    try (RunningWriter writer = restarted()) {
      assertThat(writer.fresh().all()).hasSize(fresh);
      assertThat(writer.committed()).hasSize(committed);
      for (int batch = 0; batch < batches; batch++) {
        writer.store(Spans.batch(batch, Spans.numbered(10 * batch, 10)));
      }
      writer.flush();
      assertThat(writer.fresh().all()).isEmpty();
      assertThat(writer.committedSpanIds()).isEqualTo(RunningWriter.spanIds(0, 10 * batches));
    }
  }

  private RunningWriter restarted() throws Exception {
    return RunningWriter.start(FaultyCatalog.config(directory), UnaryOperator.identity());
  }

  private static List<String> allRows(RunningWriter writer) throws Exception {
    return Stream.concat(writer.fresh().all().stream(), writer.committedSpanIds().stream())
        .sorted()
        .toList();
  }

  /** Runs the victim until it dies or has said so many lines, and is killed then. */
  private List<String> run(String point, int lines) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Victim.class.getName(), directory.toString(), point));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> output = new ArrayList<>();
    try (BufferedReader reader = process.inputReader()) {
      String line = reader.readLine();
      while (line != null) {
        if (line.startsWith("stored ")) {
          output.add(line);
        }
        if (output.size() == lines) {
          process.toHandle().destroyForcibly();
          lines = Integer.MAX_VALUE;
        }
        line = reader.readLine();
      }
    } finally {
      process.toHandle().destroyForcibly();
      process.onExit().join();
    }
    return output;
  }
}
