package io.signaldb.common.wal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that refuses: nothing is acknowledged, nothing acknowledged is lost. */
class WalDiskFailureTest {
  @TempDir Path directory;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final FailingDisk disk = new FailingDisk();
  private WalRoot root;
  private Wal wal;

  @AfterEach
  void close() {
    root.close();
  }

  @Test
  void anAppendTheDiskHasNoRoomForIsTakenBack() throws IOException {
    open();
    wal.append(bytes("first"));
    disk.failWritesAfter(7, Integer.MAX_VALUE);

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> wal.append(bytes("refused")))
          .isInstanceOfSatisfying(
              SignalDbException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
          .hasMessage(
              "Write-ahead log acme/production/traces cannot be written: No space left on device");
    }
    disk.work();
    long position = wal.append(bytes("second"));

    assertThat(position).isGreaterThan(1);
    reopen();
    assertThat(replay()).containsExactly("1:first", position + ":second");
    assertThat(wal.append(bytes("third"))).isEqualTo(position + 1);
    assertThat(Files.exists(directory.resolve("acme/production/traces/dead-letter"))).isFalse();
  }

  @Test
  void aCrashAfterARefusedAppendFindsNoTraceOfIt() throws IOException {
    open();
    wal.append(bytes("first"));
    Path segment = directory.resolve("acme/production/traces/%019d.wal".formatted(1));
    long before = Files.size(segment);
    disk.failWritesAfter(7, 1);

    assertThatThrownBy(() -> wal.append(bytes("refused"))).isInstanceOf(SignalDbException.class);

    assertThat(Files.size(segment)).isEqualTo(before);
  }

  @Test
  void afterAFailedSyncNothingIsAppendedToTheSameFile() throws IOException {
    open();
    wal.append(bytes("first"));
    disk.failForces(1);

    assertThatThrownBy(() -> wal.append(bytes("refused")))
        .isInstanceOf(SignalDbException.class)
        .hasMessageContaining("Input/output error");
    long position = wal.append(bytes("second"));

    assertThat(position).isEqualTo(3);
    assertThat(wal.lastPosition()).isEqualTo(3);
    assertThat(directory.resolve("acme/production/traces/%019d.wal".formatted(3))).exists();
    reopen();
    assertThat(replay()).containsExactly("1:first", "3:second");
    assertThat(meters.get("signaldb.wal.failures").counter().count()).isEqualTo(1);
  }

  @Test
  void aSegmentThatCannotBeStartedIsTriedAgain() {
    open();
    wal.append(bytes("x".repeat(900)));
    disk.failForces(3);

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> wal.append(bytes("y".repeat(900))))
          .isInstanceOf(SignalDbException.class);
    }
    long position = wal.append(bytes("second"));

    reopen();
    assertThat(replay()).containsExactly("1:" + "x".repeat(900), position + ":second");
  }

  @Test
  void freeingIsNotStoppedByAFullDisk() {
    open();
    wal.append(bytes("x".repeat(900)));
    wal.append(bytes("y".repeat(900)));
    disk.failWritesAfter(0, Integer.MAX_VALUE);

    wal.freeThrough(2);
    assertThat(directory.resolve("acme/production/traces/%019d.wal".formatted(1))).doesNotExist();
    assertThat(wal.backlogBytes()).isZero();
    disk.work();
    assertThat(wal.append(bytes("third"))).isEqualTo(3);
    reopen();
    wal.freeThrough(2);
    assertThat(replay()).containsExactly("3:third");
  }

  @Test
  void aGroupIsRefusedAsAWhole() {
    open();
    disk.failForces(1);
    var futures = new ArrayList<CompletableFuture<Long>>();
    for (int i = 0; i < 50; i++) {
      futures.add(wal.appendAsync(bytes("entry" + i)));
    }
    List<String> acked = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      var future = futures.get(i);
      if (future.handle((position, failure) -> failure == null).join()) {
        acked.add(future.join() + ":entry" + i);
      }
    }
    assertThat(acked).hasSizeLessThan(50);
    reopen();
    assertThat(replay()).containsExactlyElementsOf(acked);
  }

  private void open() {
    root = new WalRoot(directory, 1024, meters, disk);
    root.start();
    wal = root.open("acme", "production", "traces");
  }

  private void reopen() {
    root.close();
    open();
  }

  private List<String> replay() {
    List<String> seen = new ArrayList<>();
    wal.replay(0, entry -> seen.add(entry.position() + ":" + UTF_8.decode(entry.payload())));
    return seen;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }
}
