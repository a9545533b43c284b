package io.signaldb.common.wal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalTest {
  private static final int MAX_SEGMENT_BYTES = 4096;

  @TempDir Path directory;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private WalRoot root;
  private Wal wal;

  @AfterEach
  void close() {
    if (root != null) {
      root.close();
    }
  }

  @Test
  void replaysWhatWasAppendedInOrderAfterAReopen() {
    open();
    assertThat(wal.append(bytes("one"))).isEqualTo(1);
    assertThat(wal.append(bytes("tw"), bytes("o"), bytes(""))).isEqualTo(2);
    assertThat(wal.append()).isEqualTo(3);

    reopen();

    assertThat(replay(0)).containsExactly("1:one", "2:two", "3:");
    assertThat(replay(1)).containsExactly("2:two", "3:");
    assertThat(replay(3)).isEmpty();
    assertThat(wal.lastPosition()).isEqualTo(3);
    assertThat(wal.append(bytes("four"))).isEqualTo(4);
    assertThat(replay(2)).containsExactly("3:", "4:four");
  }

  @Test
  void leavesThePositionsOfThePayloadBuffersAlone() {
    open();
    ByteBuffer heap = bytes("..payload").position(2);
    ByteBuffer direct = ByteBuffer.allocateDirect(100_000);

    wal.append(heap, direct);

    assertThat(heap.position()).isEqualTo(2);
    assertThat(direct.remaining()).isEqualTo(100_000);
    assertThat(replay(0).get(0)).hasSize("1:payload".length() + 100_000);
  }

  @Test
  void aNewLogIsEmpty() {
    open();
    assertThat(wal.lastPosition()).isZero();
    assertThat(wal.backlogBytes()).isZero();
    assertThat(replay(0)).isEmpty();
  }

  @Test
  void goesOnInAnotherSegmentWhenOneIsFull() throws IOException {
    open();
    for (int i = 1; i <= 20; i++) {
      wal.append(bytes("x".repeat(1000)));
    }
    wal.append(bytes("y".repeat(3 * MAX_SEGMENT_BYTES)));
    wal.append(bytes("z"));

    assertThat(segments()).hasSize(7);
    assertThat(segments().subList(0, 5)).allMatch(file -> size(file) <= MAX_SEGMENT_BYTES);
    reopen();
    assertThat(replay(0)).hasSize(22).last().isEqualTo("22:z");
    assertThat(wal.append(bytes("next"))).isEqualTo(23);
  }

  @Test
  void freesWholeSegmentsOnly() throws IOException {
    open();
    for (int i = 1; i <= 10; i++) {
      wal.append(bytes("x".repeat(1000)));
    }
    assertThat(wal.backlogBytes()).isEqualTo(10 * 1016);
    assertThat(segments()).hasSize(3);

    wal.freeThrough(3);
    assertThat(segments()).hasSize(3);
    wal.freeThrough(4);
    assertThat(segments()).hasSize(2);
    assertThat(wal.backlogBytes()).isEqualTo(6 * 1016);
    assertThat(replay(0)).hasSize(6);
    wal.freeThrough(9);
    assertThat(segments()).hasSize(1);
    assertThat(replay(0)).hasSize(2);
  }

  @Test
  void theNextPositionOutlivesFreedSegments() throws IOException {
    open();
    for (int i = 1; i <= 10; i++) {
      wal.append(bytes("x".repeat(1000)));
    }
    wal.freeThrough(10);

    assertThat(segments()).hasSize(1);
    assertThat(size(segments().get(0))).isEqualTo(SegmentFormat.HEADER_BYTES);
    assertThat(wal.backlogBytes()).isZero();
    assertThat(wal.lastPosition()).isEqualTo(10);
    reopen();
    assertThat(wal.lastPosition()).isEqualTo(10);
    assertThat(wal.append(bytes("next"))).isEqualTo(11);
    assertThat(replay(0)).containsExactly("11:next");
  }

  @Test
  void freeingNothingOrTooMuchDoesNoHarm() {
    open();
    wal.freeThrough(0);
    wal.freeThrough(1000);
    assertThat(wal.append(bytes("one"))).isEqualTo(1);
    wal.freeThrough(0);
    assertThat(replay(0)).containsExactly("1:one");
  }

  @Test
  void skipsPositionsTheCallerKnowsToBeTaken() {
    open();
    wal.append(bytes("one"));
    wal.skipThrough(41);
    wal.skipThrough(7);
    assertThat(wal.lastPosition()).isEqualTo(41);
    assertThat(wal.append(bytes("next"))).isEqualTo(42);
    reopen();
    assertThat(replay(0)).containsExactly("1:one", "42:next");
    assertThat(wal.append(bytes("after"))).isEqualTo(43);
  }

  @Test
  void appendsOfManyThreadsAreAllThereOnceAndInOrder() throws Exception {
    open();
    int threads = 16;
    int perThread = 200;
    var acked = new ConcurrentSkipListMap<Long, String>();
    List<Thread> appenders =
        IntStream.range(0, threads)
            .mapToObj(
                t ->
                    new Thread(
                        () -> {
                          for (int i = 0; i < perThread; i++) {
                            String payload = t + "/" + i + "#".repeat(i % 90);
                            acked.put(wal.append(bytes(payload)), payload);
                          }
                        }))
            .toList();
    appenders.forEach(Thread::start);
    for (Thread appender : appenders) {
      appender.join();
    }

    reopen();

    assertThat(acked).hasSize(threads * perThread);
    assertThat(acked.lastEntry().getKey()).isEqualTo((long) threads * perThread);
    assertThat(replay(0))
        .containsExactlyElementsOf(
            acked.entrySet().stream().map(e -> e.getKey() + ":" + e.getValue()).toList());
    assertThat(meters.get("signaldb.wal.sync").timer().count())
        .isLessThan((long) threads * perThread);
  }

  @Test
  void completesFuturesInOrderOnItsOwnThread() {
    open();
    List<Long> completed = Collections.synchronizedList(new ArrayList<>());
    List<String> threads = Collections.synchronizedList(new ArrayList<>());
    List<CompletableFuture<Void>> all = new ArrayList<>();
    Object gate = new Object();
    synchronized (gate) { // holds completions back until all are registered
      for (int i = 0; i < 500; i++) {
        all.add(
            wal.appendAsync(bytes("x".repeat(i)))
                .thenAccept(
                    position -> {
                      synchronized (gate) {
                        completed.add(position);
                        threads.add(Thread.currentThread().getName());
                      }
                    }));
      }
    }
    all.forEach(CompletableFuture::join);
    assertThat(completed).hasSize(500).isSorted().endsWith(500L);
    assertThat(threads).last().asString().startsWith("signaldb-wal-");
  }

  @Test
  void refusesAppendsAfterClose() {
    open();
    root.close();
    assertThatThrownBy(() -> wal.append(bytes("late")))
        .isInstanceOfSatisfying(
            SignalDbException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessage("Write-ahead log acme/production/traces is closed");
  }

  @Test
  void anAppendCutShortAtAnyByteLosesNothingBeforeIt() throws IOException {
    open();
    wal.append(bytes("first"));
    wal.append(bytes("second"));
    wal.append(bytes("the last one"));
    root.close();
    Path segment = segments().get(0);
    byte[] whole = Files.readAllBytes(segment);
    int secondEnds = whole.length - SegmentFormat.FRAME_HEADER_BYTES - "the last one".length();

    for (int length = secondEnds; length < whole.length; length++) {
      reset(segment, Arrays.copyOf(whole, length));
      open();
      assertThat(replay(0)).containsExactly("1:first", "2:second");
      long next = wal.append(bytes("next"));
      assertThat(next).isGreaterThanOrEqualTo(3);
      reopen();
      assertThat(replay(0)).containsExactly("1:first", "2:second", next + ":next");
      assertThat(deadLetters()).isEmpty();
      root.close();
    }
  }

  @Test
  void zerosAfterAPowerLossAreTakenForAnAppendCutShort() throws IOException {
    open();
    wal.append(bytes("first"));
    root.close();
    Path segment = segments().get(0);
    byte[] whole = Files.readAllBytes(segment);
    reset(segment, Arrays.copyOf(whole, whole.length + 1000));

    open();

    assertThat(replay(0)).containsExactly("1:first");
    assertThat(deadLetters()).isEmpty();
    assertThat(size(segment)).isEqualTo(whole.length);
  }

  @Test
  void aFlippedBitCostsOnlyTheEntryItHits() throws IOException {
    open();
    wal.append(bytes("first"));
    wal.append(bytes("second"));
    wal.append(bytes("third"));
    wal.append(bytes("fourth"));
    root.close();
    Path segment = segments().get(0);
    byte[] whole = Files.readAllBytes(segment);
    List<String> all = List.of("1:first", "2:second", "3:third", "4:fourth");
    int[] ends = ends(all);

    for (int offset = SegmentFormat.HEADER_BYTES; offset < whole.length; offset++) {
      byte[] flipped = whole.clone();
      flipped[offset] ^= (byte) (1 << (offset % 8));
      reset(segment, flipped);
      int hit = 0;
      while (ends[hit] <= offset) {
        hit++;
      }
      List<String> left = new ArrayList<>(all);
      left.remove(hit);

      open();
      assertThat(replay(0)).as("byte %d", offset).containsExactlyElementsOf(left);
      assertThat(replay(0)).containsExactlyElementsOf(left);
      long next = wal.append(bytes("next"));
      assertThat(next).isGreaterThan(4);
      if (hit < 3) {
        assertThat(deadLetters()).as("byte %d", offset).hasSize(2);
      }
      root.close();
    }
  }

  @Test
  void aDamagedEntryIsSetAsideWithTheReasonAndCounted() throws IOException {
    open();
    wal.append(bytes("first"));
    wal.append(bytes("second"));
    wal.append(bytes("third"));
    root.close();
    Path segment = segments().get(0);
    byte[] content = Files.readAllBytes(segment);
    int second = SegmentFormat.HEADER_BYTES + SegmentFormat.FRAME_HEADER_BYTES + "first".length();
    content[second + SegmentFormat.FRAME_HEADER_BYTES] = 'S';
    reset(segment, content);

    open();

    assertThat(replay(0)).containsExactly("1:first", "3:third");
    assertThat(meters.get("signaldb.wal.dead.letters").counter().count()).isEqualTo(1);
    String name = "%020d-%d.damaged".formatted(1, second);
    assertThat(deadLetters()).containsExactly(name, name + ".reason");
    assertThat(deadLetter(name)).endsWith("Second");
    assertThat(deadLetter(name + ".reason"))
        .contains(segment.toString(), "byte " + second, "position 2 fails its checksum");
  }

  @Test
  void aDamagedHeaderDoesNotHideTheEntries() throws IOException {
    open();
    wal.append(bytes("first"));
    root.close();
    Path segment = segments().get(0);
    byte[] content = Files.readAllBytes(segment);
    for (int i = 0; i < SegmentFormat.HEADER_BYTES; i++) {
      byte[] flipped = content.clone();
      flipped[i] ^= 0x10;
      reset(segment, flipped);
      open();
      assertThat(replay(0)).containsExactly("1:first");
      root.close();
    }
  }

  @Test
  void aCallerCanSetAnEntryAside() throws IOException {
    open();
    wal.append(bytes("poison"));
    wal.replay(0, entry -> wal.deadLetter(entry, "column 'x' is missing"));

    assertThat(deadLetter("%020d.payload".formatted(1))).isEqualTo("poison");
    assertThat(deadLetter("%020d.payload.reason".formatted(1)))
        .isEqualTo("column 'x' is missing\n");
    assertThat(replay(0)).containsExactly("1:poison");
  }

  @Test
  void refusesSegmentsOfANewerRelease() throws IOException {
    open();
    wal.append(bytes("first"));
    root.close();
    Path segment = segments().get(0);
    ByteBuffer content =
        ByteBuffer.wrap(Files.readAllBytes(segment)).order(ByteOrder.LITTLE_ENDIAN);
    content.putInt(8, 7);
    CRC32C checksum = new CRC32C();
    checksum.update(content.slice(0, 20));
    content.putInt(20, (int) checksum.getValue());
    Files.write(segment, content.array());

    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            SignalDbException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContainingAll(
            segment.toString(), "format version 7", "this release reads version 1");
    assertThat(Files.readAllBytes(segment)).isEqualTo(content.array());
  }

  @Test
  void anExceptionOfTheConsumerEndsTheReplay() {
    open();
    wal.append(bytes("one"));
    wal.append(bytes("two"));
    List<Long> seen = new ArrayList<>();

    assertThatThrownBy(
            () ->
                wal.replay(
                    0,
                    entry -> {
                      seen.add(entry.position());
                      throw new IllegalStateException("no");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(seen).containsExactly(1L);
    assertThat(replay(0)).hasSize(2);
  }

  @Test
  void randomWorkSurvivesReopening() {
    Random random = new Random(42);
    TreeMap<Long, String> expected = new TreeMap<>();
    long freed = 0;
    open();
    for (int step = 0; step < 600; step++) {
      int what = random.nextInt(20);
      if (what < 16) {
        String payload = "p".repeat(random.nextInt(1500)) + step;
        expected.put(wal.append(bytes(payload)), payload);
      } else if (what < 18 && !expected.isEmpty()) {
        freed = Math.max(freed, expected.lastKey() - random.nextInt(4));
        wal.freeThrough(freed);
      } else {
        reopen();
      }
      long after = freed;
      assertThat(replay(after))
          .containsExactlyElementsOf(
              expected.tailMap(after, false).entrySet().stream()
                  .map(e -> e.getKey() + ":" + e.getValue())
                  .toList());
    }
  }

  private void open() {
    root = new WalRoot(directory, MAX_SEGMENT_BYTES, meters);
    root.start();
    wal = root.open("acme", "production", "traces");
  }

  private void reopen() {
    root.close();
    open();
  }

  private List<String> replay(long after) {
    List<String> seen = new ArrayList<>();
    wal.replay(after, entry -> seen.add(entry.position() + ":" + UTF_8.decode(entry.payload())));
    return seen;
  }

  private static int[] ends(List<String> entries) {
    int[] ends = new int[entries.size()];
    int end = SegmentFormat.HEADER_BYTES;
    for (int i = 0; i < ends.length; i++) {
      end += SegmentFormat.FRAME_HEADER_BYTES + entries.get(i).length() - "n:".length();
      ends[i] = end;
    }
    return ends;
  }

  /** Makes {@code content} in {@code segment} all there is. */
  private void reset(Path segment, byte[] content) throws IOException {
    if (root != null) {
      root.close();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
    Files.write(segment, content);
  }

  private Path walDirectory() {
    return directory.resolve("acme/production/traces");
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(walDirectory())) {
      return files.filter(file -> file.toString().endsWith(".wal")).sorted().toList();
    }
  }

  private List<String> deadLetters() throws IOException {
    Path deadLetters = walDirectory().resolve("dead-letter");
    if (!Files.exists(deadLetters)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(deadLetters)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private String deadLetter(String name) throws IOException {
    return Files.readString(walDirectory().resolve("dead-letter").resolve(name), ISO_8859_1);
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }
}
