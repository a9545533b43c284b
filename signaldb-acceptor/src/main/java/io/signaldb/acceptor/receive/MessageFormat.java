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
   * Reads a request; text that is not UTF-8 does not stop it.
   *
   * @param body borrowed
   * @throws SignalDbException INVALID_ARGUMENT with the place of the first error
   */
  abstract ParsedTraces parse(ByteBuf body);

  abstract HttpData write(Message message);
}
