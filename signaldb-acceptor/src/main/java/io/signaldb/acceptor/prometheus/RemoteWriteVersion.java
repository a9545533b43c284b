package io.signaldb.acceptor.prometheus;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnknownFieldSet;
import io.signaldb.acceptor.prometheus.proto.Request;
import io.signaldb.acceptor.prometheus.proto.WriteRequest;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The two protocols, by the message they send. */
public enum RemoteWriteVersion {
  V1("prometheus.WriteRequest") {
    @Override
    WriteBatch read(ByteBuffer body, long maxBytes) {
      WriteRequest request = parse(WriteRequest.parser(), body);
      checkFields(request.getUnknownFields(), V2, Request.SYMBOLS_FIELD_NUMBER);
      return V1Reader.read(request);
    }
  },

  V2("io.prometheus.write.v2.Request") {
    @Override
    WriteBatch read(ByteBuffer body, long maxBytes) {
      Request request = parse(Request.parser(), body);
      checkFields(request.getUnknownFields(), V1, WriteRequest.TIMESERIES_FIELD_NUMBER);
      return V2Reader.read(request, maxBytes);
    }
  };

  /** For error messages: the types a Content-Type may name. */
  public static final String CONTENT_TYPES =
      Arrays.stream(values())
          .map(version -> "application/x-protobuf;proto=" + version.message)
          .collect(Collectors.joining(", "));

  private final String message;

  RemoteWriteVersion(String message) {
    this.message = message;
  }

  /** The version with a message of that full name. */
  public static Optional<RemoteWriteVersion> ofMessage(String name) {
    return Arrays.stream(values()).filter(version -> version.message.equals(name)).findFirst();
  }

  /**
   * Reads an unpacked body.
   *
   * @param body borrowed; the result does not refer to it
   * @param maxBytes of texts, each counted wherever it is referred to
   * @throws SignalDbException INVALID_ARGUMENT if it is no such message at all, TOO_LARGE beyond
   *     {@code maxBytes}
   */
  abstract WriteBatch read(ByteBuffer body, long maxBytes);

  <M extends MessageLite> M parse(Parser<M> parser, ByteBuffer body) {
    CodedInputStream input = CodedInputStream.newInstance(body.duplicate());
    try {
      M request = parser.parseFrom(input);
      input.checkLastTagWas(0);
      return request;
    } catch (IOException e) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "The body is not a %s: %s (at byte %d of %d)"
              .formatted(message, e.getMessage(), input.getTotalBytesRead(), body.remaining()),
          e);
    }
  }

  /** A message of the other version parses as an empty one; that must not be taken for success. */
  void checkFields(UnknownFieldSet unknown, RemoteWriteVersion other, int otherField) {
    if (unknown.hasField(otherField)) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "The body has field %d, expected a %s; it looks like a %s, which Content-Type has to say"
              .formatted(otherField, message, other.message));
    }
  }
}
