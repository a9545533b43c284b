package io.signaldb.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.BatchId;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BatchIdsTest {
  private static final UUID ACCEPTOR = UUID.fromString("00000000-0000-0000-0000-00000000000a");
  private final BatchIds ids = new BatchIds();

  @Test
  void aStoredBatchIsAnsweredAtOnce() {
    assertThat(ids.claim(id(5))).isEmpty();
    ids.stored(id(5));

    assertThat(ids.claim(id(5)).orElseThrow()).isCompleted();
    assertThat(ids.claim(id(4))).isEmpty();
    assertThat(ids.claim(new BatchId(UUID.randomUUID(), 5))).isEmpty();
  }

  @Test
  void aBatchSentAgainWhileItIsBeingStoredSharesTheOutcome() {
    assertThat(ids.claim(id(1))).isEmpty();
    CompletableFuture<Void> second = ids.claim(id(1)).orElseThrow();
    assertThat(second).isNotDone();

    ids.stored(id(1));

    assertThat(second).isCompleted();
  }

  @Test
  void aBatchThatFailedMayComeAgain() {
    assertThat(ids.claim(id(1))).isEmpty();
    CompletableFuture<Void> second = ids.claim(id(1)).orElseThrow();

    ids.failed(id(1), new SignalDbException(ErrorCode.UNAVAILABLE, "disk"));

    assertThat(second).isCompletedExceptionally();
    assertThat(ids.claim(id(1))).isEmpty();
  }

  @Test
  void batchesWithoutAnIdAreNeverTakenForRepeated() {
    BatchId none = new BatchId(BatchIds.ANONYMOUS, 0);
    assertThat(ids.claim(none)).isEmpty();
    ids.stored(none);

    assertThat(ids.claim(none)).isEmpty();
  }

  @Test
  void aCheckpointBringsBackEveryIdAndNoOther() {
    for (long sequence : new long[] {0, 1, 2, 10, 12, 11, Long.MAX_VALUE}) {
      ids.stored(id(sequence));
    }
    byte[] checkpoint = ids.checkpoint().array();

    BatchIds restored = new BatchIds();
    restored.restore(checkpoint);

    for (long sequence : new long[] {0, 1, 2, 10, 11, 12, Long.MAX_VALUE}) {
      assertThat(restored.claim(id(sequence))).as("sequence %d", sequence).isPresent();
    }
    for (long sequence : new long[] {3, 9, 13, Long.MAX_VALUE - 1}) {
      assertThat(restored.claim(id(sequence))).as("sequence %d", sequence).isEmpty();
    }
  }

  @Test
  void refusesACheckpointThatIsNone() {
    assertThatThrownBy(() -> ids.restore(new byte[] {0, 0, 0, 9}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("format 9");
    assertThatThrownBy(() -> ids.restore(new byte[] {0, 0, 0, 1}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ends too early");
  }

  @Test
  void numbersWithoutGapsTakeNoMoreRoomThanOne() {
    ids.stored(id(0));
    int one = ids.checkpoint().remaining();
    for (long sequence = 1; sequence < 10_000; sequence++) {
      ids.stored(id(sequence));
    }

    assertThat(ids.checkpoint().remaining()).isEqualTo(one);
  }

  private static BatchId id(long sequence) {
    return new BatchId(ACCEPTOR, sequence);
  }
}
