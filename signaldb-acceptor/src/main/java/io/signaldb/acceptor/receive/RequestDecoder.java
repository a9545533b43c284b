package io.signaldb.acceptor.receive;

import com.google.protobuf.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.signaldb.acceptor.otlp.EncodedRequest;
import io.signaldb.acceptor.otlp.OtlpEncoder;
import io.signaldb.common.error.SignalDbException;
import java.util.Optional;

/**
 * Turns request bodies into rows. Protobuf is read from the wire; what that leaves aside, and JSON,
 * goes through message objects. Requests whose decoding would not fit into the Java heap together
 * wait for each other. Thread-safe.
 */
final class RequestDecoder {
  /** Heap that is taken for a byte of the request, read from the wire. */
  private static final int WIRE_FACTOR = 5;

  /** The same for message objects. */
  private static final int OBJECT_FACTOR = 12;

  private final long maxRequestBytes;

  private final DecodingHeap heap;

  /**
   * @param maxRequestBytes of an unpacked request
   */
  RequestDecoder(long maxRequestBytes, DecodingHeap heap) {
    this.maxRequestBytes = maxRequestBytes;
    this.heap = heap;
  }

  /**
   * Unpacks and reads a request; may wait for others.
   *
   * @param body ownership passes to this method
   * @param held takes what the body grows by
   * @throws SignalDbException as {@link Compression#decompress}, {@link MessageFormat#parse} and
   *     {@link OtlpEncoder} do
   */
  <Q extends Message> ReceivedRequest decode(
      OtlpService<Q> service,
      ByteBuf body,
      Compression compression,
      MessageFormat format,
      InflightBytes.Reservation held) {
    ByteBuf message = compression.decompress(body, maxRequestBytes, held);
    try {
      Optional<EncodedRequest> encoded =
          format == MessageFormat.PROTOBUF
              ? fromWire(service.encoder(), message)
              : Optional.empty();
      return encoded
          .map(ReceivedRequest::whole)
          .orElseGet(() -> fromObjects(service, message, format));
    } finally {
      message.release();
    }
  }

  private Optional<EncodedRequest> fromWire(OtlpEncoder<?> encoder, ByteBuf message) {
    return heap.within(
        (long) message.readableBytes() * WIRE_FACTOR,
        () -> {
          ByteBuf bytes = onHeap(message);
          try {
            return encoder.encode(
                bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes());
          } finally {
            bytes.release();
          }
        });
  }

  private <Q extends Message> ReceivedRequest fromObjects(
      OtlpService<Q> service, ByteBuf message, MessageFormat format) {
    return heap.within(
        (long) message.readableBytes() * OBJECT_FACTOR,
        () -> {
          ParsedRequest<Q> parsed = format.parse(message, service.emptyRequest());
          return new ReceivedRequest(service.encoder().encode(parsed.request()), parsed.warning());
        });
  }

  /** Bodies wait outside of the heap, and are read on it. */
  private static ByteBuf onHeap(ByteBuf message) {
    if (message.hasArray()) {
      return message.retainedDuplicate();
    }
    return PooledByteBufAllocator.DEFAULT
        .heapBuffer(message.readableBytes())
        .writeBytes(message, message.readerIndex(), message.readableBytes());
  }
}
