package io.signaldb.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server is killed at random moments under load; nothing acked may be lost or doubled.
 *
 * <p>{@code -Dsignaldb.it.crashes=N} sets the number of kills, {@code -Dsignaldb.it.seed=N} their
 * moments.
 */
class CrashIT {
  private static final int CRASHES = Integer.getInteger("signaldb.it.crashes", 3);
  private static final long SEED = Long.getLong("signaldb.it.seed", System.nanoTime());

  @Test
  void keepsEveryAckedRowExactlyOnce(@TempDir Path directory) throws Exception {
    System.out.println("crashes: " + CRASHES + ", seed: " + SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    // Commits every moment, so that kills hit them too.
    Map<String, String> hasty =
        Map.of(
            "SIGNALDB_WRITER_COMMIT_INTERVAL", "300ms",
            "SIGNALDB_WRITER_COMMIT_MAX_AGE", "300ms",
            "SIGNALDB_WAL_MAX_SEGMENT_SIZE", "1MiB");
    try (SignalDbProcess server = SignalDbProcess.start(directory, hasty);
        CrashLoad load = new CrashLoad(server)) {
      Tempo tempo = new Tempo(server);
      for (int crash = 1; crash <= CRASHES; crash++) {
        long acked = load.acked();
        load.resume();
        Await.until(
            Duration.ofSeconds(20),
            () -> load.acked() > acked,
            () -> "nothing acked any more:\n" + server.log());
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100, 2500)));
        server.kill();
        load.pause();
        System.out.printf(
            "crash %d after %d acked requests, %d unanswered%n",
            crash, load.acked(), load.unanswered());
        server.start();
        load.verifySome(tempo, random.split());
      }
      load.resume();
      Await.until(
          Duration.ofSeconds(30),
          () -> load.unanswered() == 0,
          () -> load.unanswered() + " requests still unanswered:\n" + server.log());
      load.pause();
      load.verifyAll(tempo);

      server.stop();
      server.start();
      load.verifyAll(tempo);
      Await.untilPasses(Duration.ofSeconds(30), () -> load.verifyRows(server.dataDir()));
    }
  }
}
