package io.signaldb.common.wal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while it appends: what it had acknowledged is there. */
class WalCrashTest {
  private static final int ROUNDS = 3;
  private static final int MAX_SEGMENT_BYTES = 64 * 1024;

  @TempDir Path directory;

  @Test
  void everyAcknowledgedEntrySurvivesKill() throws Exception {
    Random random = new Random();
    TreeMap<Long, String> acked = new TreeMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      try (ChildJvm child = ChildJvm.start(Appender.class, directory.toString(), "round" + round)) {
        int lines = 200 + random.nextInt(2000);
        for (int i = 0; i < lines; i++) {
          remember(acked, child.readLine());
        }
        child.kill();
        for (String line = child.readLine(); line != null; line = child.readLine()) {
          remember(acked, line);
        }
      }
      NavigableMap<Long, String> found = replay();
      assertThat(found).containsAllEntriesOf(acked);
      assertThat(found.values()).doesNotHaveDuplicates();
    }
  }

  private void remember(Map<Long, String> acked, String line) {
    String[] parts = line.split(" ");
    if (parts.length == 3) { // the last line may be cut short by the kill
      assertThat(acked.put(Long.valueOf(parts[0]), parts[1])).isNull();
    }
  }

  private NavigableMap<Long, String> replay() {
    TreeMap<Long, String> found = new TreeMap<>();
    try (WalRoot root = new WalRoot(directory, MAX_SEGMENT_BYTES, new SimpleMeterRegistry())) {
      root.start();
      root.open("t", "d", "traces")
          .replay(0, e -> found.put(e.position(), UTF_8.decode(e.payload()).toString()));
    }
    return found;
  }

  /** Appends from eight threads and prints each position once it is acknowledged. */
  static final class Appender {
    private Appender() {}

    public static void main(String[] args) throws InterruptedException {
      WalRoot root = new WalRoot(Path.of(args[0]), MAX_SEGMENT_BYTES, new SimpleMeterRegistry());
      root.start();
      Wal wal = root.open("t", "d", "traces");
      Thread[] threads = new Thread[8];
      for (int t = 0; t < threads.length; t++) {
        String prefix = args[1] + "/" + t + "/";
        threads[t] =
            new Thread(
                () -> {
                  for (int i = 0; ; i++) {
                    String payload = prefix + i + "/" + "x".repeat(i % 500);
                    long position = wal.append(ByteBuffer.wrap(payload.getBytes(UTF_8)));
                    System.out.println(position + " " + payload + " .");
                  }
                });
        threads[t].start();
      }
      Thread.currentThread().join();
    }
  }
}
