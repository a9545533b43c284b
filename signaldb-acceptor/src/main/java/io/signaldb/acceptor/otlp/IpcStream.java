package io.signaldb.acceptor.otlp;

import com.google.flatbuffers.FlatBufferBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.jspecify.annotations.Nullable;

/**
 * An Arrow IPC stream written to the heap: schema, dictionaries, record batch, end.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format">Arrow
 *     columnar format</a>
 */
final class IpcStream {
  private static final int CONTINUATION = -1;
  private static final int ALIGNMENT = 8;

  private final FlatBufferBuilder builder = new FlatBufferBuilder(1 << 14);
  private byte[] bytes;
  private int size;

  IpcStream(int expectedBytes) {
    bytes = new byte[expectedBytes];
  }

  /**
   * @param message see {@link SchemaMessage}
   */
  void schema(ByteBuffer message) {
    message(message, null);
  }

  void dictionary(long id, int length, BatchBody body) {
    builder.clear();
    int batch = recordBatch(length, body);
    int dictionary = DictionaryBatch.createDictionaryBatch(builder, id, batch, false);
    message(
        MessageSerializer.serializeMessage(
            builder, MessageHeader.DictionaryBatch, dictionary, body.size(), IpcOption.DEFAULT),
        body);
  }

  void batch(int rows, BatchBody body) {
    builder.clear();
    int batch = recordBatch(rows, body);
    message(
        MessageSerializer.serializeMessage(
            builder, MessageHeader.RecordBatch, batch, body.size(), IpcOption.DEFAULT),
        body);
  }

  /** Ends the stream. */
  ByteBuffer end() {
    ByteBuffer mark = reserve(2 * Integer.BYTES);
    mark.putInt(CONTINUATION).putInt(0);
    return ByteBuffer.wrap(bytes, 0, size);
  }

  private int recordBatch(int rows, BatchBody body) {
    RecordBatch.startNodesVector(builder, body.nodeCount());
    for (int i = body.nodeCount() - 1; i >= 0; i--) {
      FieldNode.createFieldNode(builder, body.nodeLength(i), body.nodeNulls(i));
    }
    int nodes = builder.endVector();
    RecordBatch.startBuffersVector(builder, body.bufferCount());
    for (int i = body.bufferCount() - 1; i >= 0; i--) {
      Buffer.createBuffer(builder, body.bufferOffset(i), body.bufferLength(i));
    }
    int buffers = builder.endVector();
    RecordBatch.startRecordBatch(builder);
    RecordBatch.addLength(builder, rows);
    RecordBatch.addNodes(builder, nodes);
    RecordBatch.addBuffers(builder, buffers);
    return RecordBatch.endRecordBatch(builder);
  }

  private void message(ByteBuffer metadata, @Nullable BatchBody body) {
    int length = metadata.remaining();
    int padding = -(length + 2 * Integer.BYTES) & (ALIGNMENT - 1);
    ByteBuffer out = reserve(2 * Integer.BYTES + length + padding);
    out.putInt(CONTINUATION).putInt(length + padding).put(metadata);
    if (body != null) {
      reserve(body.size()).put(body.bytes(), 0, body.size());
    }
  }

  private ByteBuffer reserve(int length) {
    int start = size;
    size = Growth.add(size, length);
    bytes = Growth.ensure(bytes, size);
    return ByteBuffer.wrap(bytes, start, length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
