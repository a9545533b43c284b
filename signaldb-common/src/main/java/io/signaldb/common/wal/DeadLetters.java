package io.signaldb.common.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a log had to set aside: per case a file with the bytes and one, {@code .reason}, that says
 * why. The same case is set aside once, however often a log is replayed.
 */
final class DeadLetters {
  private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

  private final Path directory;
  private final WalMeters meters;

  DeadLetters(Path walDirectory, WalMeters meters) {
    this.directory = walDirectory.resolve("dead-letter");
    this.meters = meters;
  }

  void add(String name, ByteBuffer bytes, String reason) throws IOException {
    Path file = directory.resolve(name);
    Path reasonFile = directory.resolve(name + ".reason");
    if (Files.exists(reasonFile)) {
      return;
    }
    DurableFiles.createDirectories(directory);
    DurableFiles.replace(file, bytes);
    DurableFiles.replace(
        reasonFile, ByteBuffer.wrap((reason + "\n").getBytes(StandardCharsets.UTF_8)));
    meters.deadLettered();
    log.warn("Set aside {} bytes in {}: {}", bytes.remaining(), file, reason);
  }
}
