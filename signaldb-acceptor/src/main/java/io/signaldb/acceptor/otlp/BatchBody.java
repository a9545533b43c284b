package io.signaldb.acceptor.otlp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The body of an Arrow record batch while it is put together: field nodes and buffers in schema
 * order, each buffer padded to 8 bytes. Not thread-safe; reused from batch to batch.
 */
final class BatchBody {
  /** A larger body is not kept for the next batch. */
  static final int KEPT = 1 << 22;

  private static final int ALIGNMENT = 8;
  private static final byte[] ZEROS = new byte[ALIGNMENT];

  private byte[] bytes = new byte[1 << 16];
  private int size;
  private long[] nodes = new long[256];
  private int nodeLongs;
  private long[] buffers = new long[512];
  private int bufferLongs;

  void clear() {
    size = 0;
    nodeLongs = 0;
    bufferLongs = 0;
  }

  byte[] bytes() {
    return bytes;
  }

  int size() {
    return size;
  }

  int nodeCount() {
    return nodeLongs / 2;
  }

  long nodeLength(int node) {
    return nodes[2 * node];
  }

  long nodeNulls(int node) {
    return nodes[2 * node + 1];
  }

  int bufferCount() {
    return bufferLongs / 2;
  }

  long bufferOffset(int buffer) {
    return buffers[2 * buffer];
  }

  long bufferLength(int buffer) {
    return buffers[2 * buffer + 1];
  }

  /** A field node and its validity buffer, which is empty when nothing is null. */
  void node(int length, int nulls, byte[] validity) {
    if (nodeLongs + 2 > nodes.length) {
      nodes = Arrays.copyOf(nodes, 2 * nodes.length);
    }
    nodes[nodeLongs++] = length;
    nodes[nodeLongs++] = nulls;
    buffer(validity, nulls == 0 ? 0 : (length + 7) / 8);
  }

  void buffer(byte[] source, int length) {
    int start = begin(length);
    System.arraycopy(source, 0, bytes, start, length);
  }

  void buffer(long[] source, int count) {
    int start = begin(count * Long.BYTES);
    little(start, count * Long.BYTES).asLongBuffer().put(source, 0, count);
  }

  void buffer(int[] source, int count) {
    int start = begin(count * Integer.BYTES);
    little(start, count * Integer.BYTES).asIntBuffer().put(source, 0, count);
  }

  /** The low {@code width} bytes of each value. */
  void buffer(int[] source, int count, int width) {
    if (width == Integer.BYTES) {
      buffer(source, count);
      return;
    }
    int at = begin(count * width);
    for (int i = 0; i < count; i++) {
      bytes[at++] = (byte) source[i];
      if (width == Short.BYTES) {
        bytes[at++] = (byte) (source[i] >> 8);
      }
    }
  }

  /** Reserves a buffer and returns where it starts in {@link #bytes}. */
  int begin(int length) {
    if (bufferLongs + 2 > buffers.length) {
      buffers = Arrays.copyOf(buffers, 2 * buffers.length);
    }
    int start = size;
    int padded = Growth.add(length, -length & (ALIGNMENT - 1));
    bytes = Growth.ensure(bytes, Growth.add(start, padded));
    buffers[bufferLongs++] = start;
    buffers[bufferLongs++] = length;
    size = start + padded;
    System.arraycopy(ZEROS, 0, bytes, start + length, padded - length);
    return start;
  }

  void trim() {
    if (bytes.length > KEPT) {
      bytes = new byte[1 << 16];
    }
  }

  private ByteBuffer little(int start, int length) {
    return ByteBuffer.wrap(bytes, start, length).slice().order(ByteOrder.LITTLE_ENDIAN);
  }
}
