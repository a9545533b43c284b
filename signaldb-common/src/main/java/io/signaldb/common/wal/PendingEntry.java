package io.signaldb.common.wal;

import java.nio.ByteBuffer;

/** A payload on its way to disk. */
final class PendingEntry {
  private final ByteBuffer[] payload;
  private final int length;

  /** Takes views: the positions of the given buffers stay as they are. */
  PendingEntry(ByteBuffer... payload) {
    this.payload = new ByteBuffer[payload.length];
    long total = 0;
    for (int i = 0; i < payload.length; i++) {
      this.payload[i] = payload[i].duplicate();
      total += payload[i].remaining();
    }
    if (total > SegmentLog.MAX_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          "A payload has %d bytes, at most %d fit into a log entry"
              .formatted(total, SegmentLog.MAX_PAYLOAD_BYTES));
    }
    length = (int) total;
  }

  int frameBytes() {
    return SegmentFormat.FRAME_HEADER_BYTES + length;
  }

  ByteBuffer header(long position) {
    return SegmentFormat.frameHeader(position, length, payload);
  }

  ByteBuffer[] payload() {
    return payload;
  }
}
