package io.signaldb.common.wal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentFormatTest {
  private static final List<String> PAYLOADS = List.of("first", "", "third", "x".repeat(300), "5");
  private static final long BASE = 1L << 40;

  @Test
  void anyFlippedBitCostsAtMostTheFrameItHits() throws IOException {
    byte[] segment = segment();
    int hit = 0;
    int frameEnd = SegmentFormat.HEADER_BYTES;
    for (int bit = SegmentFormat.HEADER_BYTES * 8; bit < segment.length * 8; bit++) {
      if (bit / 8 == frameEnd || bit == SegmentFormat.HEADER_BYTES * 8) {
        hit = bit == SegmentFormat.HEADER_BYTES * 8 ? 0 : hit + 1;
        frameEnd += SegmentFormat.FRAME_HEADER_BYTES + PAYLOADS.get(hit).length();
      }
      byte[] flipped = segment.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      List<String> expected = new ArrayList<>(entries());
      expected.remove(hit);

      Scanned scanned = scan(flipped);

      assertThat(scanned.entries).as("bit %d", bit).containsExactlyElementsOf(expected);
      assertThat(scanned.damaged).hasSize(hit == PAYLOADS.size() - 1 ? 0 : 1);
      assertThat(scanned.tail.problem() != null).isEqualTo(hit == PAYLOADS.size() - 1);
    }
  }

  @Test
  void anyCutLeavesTheWholeFramesBeforeIt() throws IOException {
    byte[] segment = segment();
    for (int length = SegmentFormat.HEADER_BYTES; length <= segment.length; length++) {
      Scanned scanned = scan(Arrays.copyOf(segment, length));
      assertThat(scanned.entries).isEqualTo(entries().subList(0, scanned.entries.size()));
      assertThat(scanned.damaged).isEmpty();
      assertThat(scanned.tail.end()).isLessThanOrEqualTo(length);
      assertThat(scanned.tail.torn()).isEqualTo(scanned.tail.end() < length);
    }
  }

  @Test
  void aLostRunOfFramesDoesNotHideTheNextGoodOne() throws IOException {
    byte[] segment = segment();
    int from = SegmentFormat.HEADER_BYTES + 3;
    int to = segment.length - SegmentFormat.FRAME_HEADER_BYTES - 1;
    Arrays.fill(segment, from, to, (byte) 0xEE);

    Scanned scanned = scan(segment);

    assertThat(scanned.entries).containsExactly((BASE + 4) + ":5");
    assertThat(scanned.damaged).containsExactly(SegmentFormat.HEADER_BYTES);
  }

  private static byte[] segment() {
    ByteBuffer segment = ByteBuffer.allocate(1000).put(SegmentFormat.header(BASE));
    long position = BASE;
    for (String payload : PAYLOADS) {
      ByteBuffer bytes = ByteBuffer.wrap(payload.getBytes(UTF_8));
      ByteBuffer[] parts = {bytes};
      segment.put(SegmentFormat.frameHeader(position++, bytes.remaining(), parts)).put(bytes);
    }
    return Arrays.copyOf(segment.array(), segment.position());
  }

  private static List<String> entries() {
    List<String> entries = new ArrayList<>();
    for (String payload : PAYLOADS) {
      entries.add((BASE + entries.size()) + ":" + payload);
    }
    return entries;
  }

  private static Scanned scan(byte[] segment) throws IOException {
    List<String> entries = new ArrayList<>();
    List<Integer> damaged = new ArrayList<>();
    SegmentFormat.Tail tail =
        SegmentFormat.scan(
            ByteBuffer.wrap(segment),
            BASE,
            new SegmentFormat.Visitor() {
              @Override
              public void entry(long position, ByteBuffer payload) {
                entries.add(position + ":" + UTF_8.decode(payload));
              }

              @Override
              public void damaged(int offset, int length, String problem) {
                damaged.add(offset);
              }
            });
    return new Scanned(entries, damaged, tail);
  }

  private record Scanned(List<String> entries, List<Integer> damaged, SegmentFormat.Tail tail) {}
}
