package io.signaldb.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.datafusion.DataFusionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits that fail, or seem to: every row is in the table once in the end. */
class CommitFaultTest {
  @TempDir Path directory;

  @AfterEach
  void heal() {
    FaultyCatalog.next(FaultyCatalog.Fault.NONE);
  }

  @Test
  void aCommitWhoseAnswerWasLostCountsAsDone() throws Exception {
    try (RunningWriter writer = startWithTable()) {
      FaultyCatalog.next(FaultyCatalog.Fault.LOST_AFTER);
      writer.store(Spans.batch(2, Spans.numbered(10, 10)));
      writer.flush();

      assertAllOnce(writer, 2);
      assertThat(writer.fresh().all()).isEmpty();
    }
  }

  @Test
  void aCommitThatNeverArrivedIsRepeatedWithTheSameFiles() throws Exception {
    try (RunningWriter writer = startWithTable()) {
      FaultyCatalog.next(FaultyCatalog.Fault.LOST_BEFORE);
      writer.store(Spans.batch(2, Spans.numbered(10, 10)));
      assertThatThrownBy(writer::flush).hasMessageContaining("Internal error");
      assertThat(writer.fresh().all()).isEqualTo(RunningWriter.spanIds(10, 10));

      writer.flush();

      assertAllOnce(writer, 2);
      assertThat(dataFiles()).hasSize(2);
    }
  }

  @Test
  void aCommitWhoseOutcomeCannotBeReadIsDecidedLater() throws Exception {
    try (RunningWriter writer = startWithTable()) {
      FaultyCatalog.next(FaultyCatalog.Fault.DOWN_AFTER);
      writer.store(Spans.batch(2, Spans.numbered(10, 10)));
      assertThatThrownBy(writer::flush).hasMessageContaining("Internal error");
      assertThatThrownBy(writer::flush).hasMessageContaining("Internal error");
      assertThat(writer.fresh().all()).isEqualTo(RunningWriter.spanIds(10, 10));

      FaultyCatalog.next(FaultyCatalog.Fault.NONE);
      writer.store(Spans.batch(3, Spans.numbered(20, 10)));
      writer.flush();

      assertThat(writer.fresh().all()).isEmpty();
      assertThat(writer.committedSpanIds()).isEqualTo(RunningWriter.spanIds(0, 30));
      assertThat(writer.table().snapshots()).hasSize(3);
    }
  }

  @Test
  void aCommitThatHappensAfterItWasGivenUpIsNotRepeated() throws Exception {
    try (RunningWriter writer = startWithTable()) {
      FaultyCatalog.next(FaultyCatalog.Fault.COMMITS_LATE);
      writer.store(Spans.batch(2, Spans.numbered(10, 10)));
      assertThatThrownBy(writer::flush).hasMessageContaining("Internal error");

      writer.flush();

      assertAllOnce(writer, 2);
    }
  }

  @Test
  void aTableThatWasDroppedIsCreatedAgainForTheRowsThatWait() throws Exception {
    try (RunningWriter writer = startWithTable()) {
      writer.store(Spans.batch(2, Spans.numbered(10, 10)));
      writer.dropTable();
      writer.flush();

      assertThat(writer.committedSpanIds()).isEqualTo(RunningWriter.spanIds(10, 10));
    }
  }

  @Test
  void aBatchThatCannotBeWrittenBecomesADeadLetterAndTheOthersAreCommitted() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    long poison = 5;
    UnaryOperator<DataFileWriter> failing =
        real ->
            (table, rows, after, through) -> {
              attempts.incrementAndGet();
              if (after < poison && poison <= through && !rows.deadLettered().contains(poison)) {
                throw new DataFusionException(
                    DataFusionException.Kind.EXECUTION, "cannot cast 'x'");
              }
              return real.write(table, rows, after, through);
            };
    try (RunningWriter writer = RunningWriter.start(directory, RunningWriter.QUIET, failing)) {
      for (int batch = 0; batch < 8; batch++) {
        writer.store(Spans.batch(batch, Spans.numbered(10 * batch, 10)));
      }
      for (int attempt = 0; attempt < 3; attempt++) {
        assertThatThrownBy(writer::flush).hasMessageContaining("Internal error");
      }
      writer.flush();

      List<String> allButTheFifth =
          Stream.concat(
                  RunningWriter.spanIds(0, 40).stream(), RunningWriter.spanIds(50, 30).stream())
              .toList();
      assertThat(writer.committedSpanIds()).isEqualTo(allButTheFifth);
      assertThat(writer.fresh().all()).isEmpty();
      assertThat(attempts.get()).isLessThan(20);
    }
    assertThat(deadLetters()).isNotEmpty();
    try (RunningWriter writer = RunningWriter.start(directory)) {
      assertThat(writer.fresh().all()).isEmpty();
      assertThat(writer.committed()).hasSize(70);
    }
  }

  @Test
  void aCommitThatDoesNotFitIsMadeInSmallerOnes() throws Exception {
    UnaryOperator<DataFileWriter> small =
        real ->
            (table, rows, after, through) -> {
              if (through - after > 2) {
                throw new DataFusionException(
                    DataFusionException.Kind.RESOURCES, "memory pool exhausted");
              }
              return real.write(table, rows, after, through);
            };
    try (RunningWriter writer = RunningWriter.start(directory, RunningWriter.QUIET, small)) {
      for (int batch = 0; batch < 8; batch++) {
        writer.store(Spans.batch(batch, Spans.numbered(10 * batch, 10)));
      }
      Eventually.is(
          () -> {
            try {
              writer.flush();
            } catch (RuntimeException e) {
              return 0;
            }
            return writer.committed().size();
          },
          80);
    }
  }

  private RunningWriter startWithTable() throws Exception {
    RunningWriter writer =
        RunningWriter.start(FaultyCatalog.config(directory), UnaryOperator.identity());
    writer.store(Spans.batch(1, Spans.numbered(0, 10)));
    writer.flush();
    return writer;
  }

  private static void assertAllOnce(RunningWriter writer, int commits) throws Exception {
    assertThat(writer.committedSpanIds()).isEqualTo(RunningWriter.spanIds(0, 20));
    assertThat(writer.table().snapshots()).hasSize(commits);
  }

  private List<Path> dataFiles() throws IOException {
    return filesBelow("storage/default/default/traces/data");
  }

  private List<Path> deadLetters() throws IOException {
    return filesBelow("wal/writer/default/default/traces/dead-letter");
  }

  private List<Path> filesBelow(String path) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve(path))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
