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
    <Q extends Message> ParsedRequest<Q> parse(ByteBuf body, Q empty) {
      CodedInputStream input =
          body.hasArray()
              ? CodedInputStream.newInstance(
                  body.array(), body.arrayOffset() + body.readerIndex(), body.readableBytes())
              : CodedInputStream.newInstance(body.nioBuffer());
      try {
        return ParsedRequest.whole(parse(input, empty));
      } catch (IOException e) {
        Q repaired = repair(body.nioBuffer(), empty);
        if (repaired != null) {
          return ParsedRequest.repaired(repaired);
        }
        throw new SignalDbException(
            ErrorCode.INVALID_ARGUMENT,
            "The body is not a protobuf %s: %s (at byte %d of %d)"
                .formatted(
                    empty.getDescriptorForType().getName(),
                    e.getMessage(),
                    input.getTotalBytesRead(),
                    body.readableBytes()),
            e);
      }
    }

    @SuppressWarnings("unchecked") // a message's parser makes messages of its class
    private static <Q extends Message> Q parse(CodedInputStream input, Q empty) throws IOException {
      input.setRecursionLimit(MAX_DEPTH);
      Q request = (Q) empty.getParserForType().parseFrom(input);
      input.checkLastTagWas(0);
      return request;
    }

    /** The request with wrong UTF-8 replaced; null if that is not what is wrong with it. */
    private static <Q extends Message> @Nullable Q repair(ByteBuffer body, Q empty) {
      try {
        ByteString repaired =
            Utf8Repair.repair(UnsafeByteOperations.unsafeWrap(body), empty.getDescriptorForType());
        return repaired == null ? null : parse(repaired.newCodedInput(), empty);
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
    <Q extends Message> ParsedRequest<Q> parse(ByteBuf body, Q empty) {
      return OtlpJson.parse(body, empty);
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
   * @param empty a request of the class that is expected
   * @throws SignalDbException INVALID_ARGUMENT with the place of the first error
   */
  abstract <Q extends Message> ParsedRequest<Q> parse(ByteBuf body, Q empty);

  abstract HttpData write(Message message);
}
