package io.signaldb.common.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalRootTest {
  @TempDir Path parent;

  @Test
  void keepsItsIdentityAcrossRestarts() {
    UUID id;
    try (WalRoot root = started("writer")) {
      id = root.id();
    }
    try (WalRoot again = started("writer");
        WalRoot other = started("acceptor")) {
      assertThat(again.id()).isEqualTo(id);
      assertThat(other.id()).isNotEqualTo(id);
    }
  }

  @Test
  void refusesADirectoryThatIsHeldInThisProcess() {
    try (WalRoot first = started("writer")) {
      assertThatThrownBy(() -> started("writer"))
          .isInstanceOfSatisfying(
              SignalDbException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
          .hasMessageContainingAll(
              parent.resolve("writer").toString(), "is in use by this process");
      assertThat(first.open("t", "d", "traces").append(ByteBuffer.allocate(1))).isEqualTo(1);
    }
    started("writer").close();
  }

  @Test
  void refusesADirectoryThatAnotherProcessHolds() throws Exception {
    try (ChildJvm child = ChildJvm.start(LockHolder.class, parent.resolve("writer").toString())) {
      assertThat(child.readLine()).isEqualTo("held");
      assertThatThrownBy(() -> started("writer"))
          .isInstanceOf(SignalDbException.class)
          .hasMessageContainingAll(
              parent.resolve("writer").toString(), "is in use by process " + child.pid());
      child.kill();
      started("writer").close();
    }
  }

  @Test
  void refusesAnIdentityThatIsNone() throws IOException {
    started("writer").close();
    Files.writeString(parent.resolve("writer/wal.id"), "host-1\n");
    assertThatThrownBy(() -> started("writer"))
        .isInstanceOf(SignalDbException.class)
        .hasMessageContainingAll("wal.id holds 'host-1', expected a UUID");
    Files.delete(parent.resolve("writer/wal.id"));
    started("writer").close();
  }

  @Test
  void listsLogsOnDiskAndOpensEachOnce() {
    try (WalRoot root = started("writer")) {
      assertThat(root.existing()).isEmpty();
      Wal wal = root.open("acme", "production", "traces");
      assertThat(root.open("acme", "production", "traces")).isSameAs(wal);
      root.open("lock", "wal", "logs").append(ByteBuffer.allocate(3));
      root.writeCheckpoint("seen", ByteBuffer.allocate(1));
      wal.deadLetter(new WalEntry(1, ByteBuffer.allocate(1)), "why");
    }
    try (WalRoot root = started("writer")) {
      assertThat(root.existing())
          .containsExactlyInAnyOrder(
              new WalName("acme", "production", "traces"), new WalName("lock", "wal", "logs"));
    }
  }

  @Test
  void refusesNamesThatAreNoIds() {
    try (WalRoot root = started("writer")) {
      assertThatThrownBy(() -> root.open("../x", "d", "traces"))
          .isInstanceOfSatisfying(
              SignalDbException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessageContaining("Invalid tenant id '../x'");
    }
    assertThat(parent.resolve("x")).doesNotExist();
  }

  @Test
  void refusesAUselessSegmentSize() {
    assertThatThrownBy(() -> new WalRoot(parent, 12, new SimpleMeterRegistry()))
        .isInstanceOf(SignalDbException.class)
        .hasMessage("max_segment_size is 12, expected 1024 to 1073741824 bytes");
  }

  @Test
  void keepsTheLastCheckpoint() {
    try (WalRoot root = started("writer")) {
      assertThat(root.readCheckpoint("batches")).isEmpty();
      root.writeCheckpoint("batches", ByteBuffer.wrap(new byte[] {1, 2, 3}));
      root.writeCheckpoint("batches", ByteBuffer.wrap(new byte[] {4}));
      root.writeCheckpoint("empty", ByteBuffer.allocate(0));
    }
    try (WalRoot root = started("writer")) {
      assertThat(root.readCheckpoint("batches")).hasValue(new byte[] {4});
      assertThat(root.readCheckpoint("empty")).hasValue(new byte[0]);
    }
  }

  @Test
  void refusesADamagedCheckpoint() throws IOException {
    try (WalRoot root = started("writer")) {
      root.writeCheckpoint("batches", ByteBuffer.wrap(new byte[] {1, 2, 3}));
      Path file = parent.resolve("writer/batches.checkpoint");
      byte[] content = Files.readAllBytes(file);
      content[5] ^= 1;
      Files.write(file, content);
      assertThatThrownBy(() -> root.readCheckpoint("batches"))
          .isInstanceOf(SignalDbException.class)
          .hasMessageContainingAll(file.toString(), "fails its checksum");
    }
  }

  private WalRoot started(String name) {
    WalRoot root = new WalRoot(parent.resolve(name), 1 << 20, new SimpleMeterRegistry());
    root.start();
    return root;
  }

  /** Holds a root until it is killed. */
  static final class LockHolder {
    private LockHolder() {}

    public static void main(String[] args) throws InterruptedException {
      try (WalRoot root = new WalRoot(Path.of(args[0]), 1 << 20, new SimpleMeterRegistry())) {
        root.start();
        System.out.println("held");
        Thread.currentThread().join();
      }
    }
  }
}
