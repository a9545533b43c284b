package io.signaldb.acceptor.receive;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.PooledByteBufAllocator;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** How a request body is compressed: the values of Content-Encoding and grpc-encoding. */
enum Compression {
  IDENTITY("identity"),
  GZIP("gzip"),
  ZSTD("zstd");

  /** For error messages and accept headers. */
  static final String NAMES = "identity, gzip, zstd";

  private static final int CHUNK_BYTES = 64 * 1024;

  /** Limits what a frame can make the decoder allocate to the 8 MiB of RFC 9659. */
  private static final int MAX_ZSTD_WINDOW_LOG = 23;

  private final String text;

  Compression(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  static Optional<Compression> named(String name) {
    return Arrays.stream(values()).filter(c -> c.text.equalsIgnoreCase(name.strip())).findFirst();
  }

  /**
   * Undoes the compression, and stops as soon as a limit is passed.
   *
   * @param body ownership passes to this method
   * @param held takes the memory of the result
   * @return the caller's to release; {@code body} itself if it is not compressed
   * @throws SignalDbException INVALID_ARGUMENT if the bytes are malformed or cut short, TOO_LARGE
   *     beyond {@code maxBytes}, RESOURCE_EXHAUSTED by {@code held}
   */
  ByteBuf decompress(ByteBuf body, long maxBytes, InflightBytes.Reservation held) {
    if (this == IDENTITY) {
      return body;
    }
    int compressedBytes = body.readableBytes();
    ByteBuf inflated = PooledByteBufAllocator.DEFAULT.heapBuffer(CHUNK_BYTES);
    boolean done = false;
    try (InputStream stream = open(new ByteBufInputStream(body, true))) {
      for (int read = 0; read >= 0; read = inflated.writeBytes(stream, CHUNK_BYTES)) {
        held.add(read);
        if (inflated.readableBytes() > maxBytes) {
          throw tooLarge(maxBytes);
        }
      }
      done = true;
      return inflated;
    } catch (IOException e) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "The body is not valid %s: %s, after %d of %d compressed and %d uncompressed bytes"
              .formatted(
                  text,
                  e.getMessage(),
                  compressedBytes - body.readableBytes(),
                  compressedBytes,
                  inflated.readableBytes()),
          e);
    } finally {
      if (!done) {
        inflated.release();
      }
    }
  }

  static SignalDbException tooLarge(long maxBytes) {
    return new SignalDbException(
        ErrorCode.TOO_LARGE,
        "The request is larger than %d bytes (acceptor.max_request_bytes, uncompressed): send smaller batches"
            .formatted(maxBytes));
  }

  private InputStream open(ByteBufInputStream body) throws IOException {
    try {
      return this == GZIP
          ? new GZIPInputStream(body, CHUNK_BYTES)
          : new ZstdInputStreamNoFinalizer(body).setLongMax(MAX_ZSTD_WINDOW_LOG);
    } catch (IOException e) {
      body.close();
      throw e;
    }
  }
}
