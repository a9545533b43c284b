package io.signaldb.acceptor.receive;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.RetryInfo;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.MediaType;
import io.netty.buffer.ByteBuf;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.signaldb.acceptor.otlp.EncodedTraces;
import io.signaldb.acceptor.otlp.TraceEncoder;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How messages are written in a body: OTLP's binary protobuf or OTLP's JSON. */
enum MessageFormat {
  PROTOBUF("application/x-protobuf") {
    @Override
    ReceivedTraces encode(ByteBuf body, TraceEncoder encoder) {
      Optional<EncodedTraces> encoded = Optional.empty();
      if (body.hasArray()) {
        encoded =
            encoder.encode(
                body.array(), body.arrayOffset() + body.readerIndex(), body.readableBytes());
      }
      return encoded.map(ReceivedTraces::whole).orElseGet(() -> super.encode(body, encoder));
    }

    @Override
    ParsedTraces parse(ByteBuf body) {
      CodedInputStream input =
          body.hasArray()
              ? CodedInputStream.newInstance(
                  body.array(), body.arrayOffset() + body.readerIndex(), body.readableBytes())
              : CodedInputStream.newInstance(body.nioBuffer());
      try {
        return ParsedTraces.whole(parse(input));
      } catch (IOException e) {
        ExportTraceServiceRequest repaired = repair(body.nioBuffer());
        if (repaired != null) {
          return ParsedTraces.repaired(repaired);
        }
        throw new SignalDbException(
            ErrorCode.INVALID_ARGUMENT,
            "The body is not a protobuf ExportTraceServiceRequest: %s (at byte %d of %d)"
                .formatted(e.getMessage(), input.getTotalBytesRead(), body.readableBytes()),
            e);
      }
    }

    private static ExportTraceServiceRequest parse(CodedInputStream input) throws IOException {
      input.setRecursionLimit(MAX_DEPTH);
      ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(input);
      input.checkLastTagWas(0);
      return request;
    }

    /** The request with wrong UTF-8 replaced; null if that is not what is wrong with it. */
    private static @Nullable ExportTraceServiceRequest repair(ByteBuffer body) {
      try {
        ByteString repaired =
            Utf8Repair.repair(
                UnsafeByteOperations.unsafeWrap(body), ExportTraceServiceRequest.getDescriptor());
        return repaired == null ? null : parse(repaired.newCodedInput());
      } catch (IOException e) {
        return null; // the first parser's error says more
      }
    }

    @Override
    HttpData write(Message message) {
      return HttpData.wrap(message.toByteArray());
    }
  },

  JSON("application/json") {
    @Override
    ParsedTraces parse(ByteBuf body) {
      return OtlpJson.parse(body);
    }

    @Override
    HttpData write(Message message) {
      try {
        return HttpData.ofUtf8(PRINTER.print(message));
      } catch (InvalidProtocolBufferException e) {
        throw new SignalDbException(
            ErrorCode.INTERNAL, "A response cannot be written as JSON: " + e.getMessage(), e);
      }
    }
  };

  /** Nested messages; a key-value list takes three for a level. */
  static final int MAX_DEPTH = 1000;

  static final String NAMES = "application/x-protobuf, application/json";

  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .omittingInsignificantWhitespace()
          .usingTypeRegistry(
              JsonFormat.TypeRegistry.newBuilder().add(RetryInfo.getDescriptor()).build());

  @SuppressWarnings("ImmutableEnumChecker") // it is, without saying so
  private final MediaType mediaType;

  MessageFormat(String mediaType) {
    this.mediaType = MediaType.parse(mediaType);
  }

  /** The format of a Content-Type, whatever its parameters. */
  static Optional<MessageFormat> of(@Nullable MediaType type) {
    if (type != null) {
      for (MessageFormat format : values()) {
        if (type.withoutParameters().equals(format.mediaType)) {
          return Optional.of(format);
        }
      }
    }
    return Optional.empty();
  }

  MediaType mediaType() {
    return mediaType;
  }

  /**
   * Unpacks a request and reads it into rows.
   *
   * @param body ownership passes to this method
   * @param held takes what the body grows by
   * @throws SignalDbException as {@link Compression#decompress} and {@link #encode} do
   */
  ReceivedTraces encode(
      ByteBuf body,
      Compression compression,
      long maxBytes,
      InflightBytes.Reservation held,
      TraceEncoder encoder) {
    ByteBuf message = compression.decompress(body, maxBytes, held);
    try {
      return encode(message, encoder);
    } finally {
      message.release();
    }
  }

  /**
   * Reads a request into rows.
   *
   * @param body borrowed
   * @throws SignalDbException as {@link #parse(ByteBuf)} and {@link
   *     TraceEncoder#encode(ExportTraceServiceRequest)} do
   */
  ReceivedTraces encode(ByteBuf body, TraceEncoder encoder) {
    ParsedTraces parsed = parse(body);
    return new ReceivedTraces(encoder.encode(parsed.request()), parsed.warning());
  }

  /**
   * Reads a request as message objects; text that is not UTF-8 does not stop it.
   *
   * @param body borrowed
   * @throws SignalDbException INVALID_ARGUMENT with the place of the first error
   */
  abstract ParsedTraces parse(ByteBuf body);

  abstract HttpData write(Message message);
}
