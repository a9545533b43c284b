package io.signaldb.acceptor.receive;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufUtil;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * OTLP's JSON encoding: protobuf's, but with trace and span ids in hexadecimal and enumerations as
 * numbers. Unknown fields are skipped; enumeration names, numbers as strings and snake_case field
 * names are taken as well.
 *
 * <p>Source: OTLP specification, section JSON Protobuf Encoding.
 */
final class OtlpJson {
  private static final Set<String> HEX_FIELDS = Set.of("trace_id", "span_id", "parent_span_id");
  private static final int MAX_DIGITS = 20;
  private static final int MAX_SHOWN_CHARACTERS = 40;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES) // they are the sender's to choose
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MessageFormat.MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE) // the request is bounded as a whole
                  .build())
          .build();

  private static final Map<Descriptor, Map<String, FieldDescriptor>> FIELDS =
      new ConcurrentHashMap<>();

  private final JsonParser parser;
  private final String type;

  private OtlpJson(JsonParser parser, Message empty) {
    this.parser = parser;
    this.type = empty.getDescriptorForType().getName();
  }

  /**
   * Reads a request; text that is not UTF-8 does not stop it.
   *
   * @param body borrowed
   * @param empty a request of the class that is expected
   * @throws SignalDbException INVALID_ARGUMENT with line and column of the first error
   */
  static <Q extends Message> ParsedRequest<Q> parse(ByteBuf body, Q empty) {
    String type = empty.getDescriptorForType().getName();
    try (JsonParser parser =
        JSON.createParser((InputStream) new ByteBufInputStream(body.duplicate()))) {
      return ParsedRequest.whole(new OtlpJson(parser, empty).request(empty));
    } catch (IOException e) {
      if (isUtf8(body)) {
        throw invalid(type, e);
      }
    }
    // A reader, unlike a parser of bytes, puts U+FFFD where the text is wrong.
    try (JsonParser parser =
        JSON.createParser(new InputStreamReader(new ByteBufInputStream(body.duplicate()), UTF_8))) {
      return ParsedRequest.repaired(new OtlpJson(parser, empty).request(empty));
    } catch (IOException e) {
      throw invalid(type, e);
    }
  }

  private static boolean isUtf8(ByteBuf body) {
    return ByteBufUtil.isText(body, UTF_8);
  }

  @SuppressWarnings("unchecked") // a message's builder makes messages of its class
  private <Q extends Message> Q request(Q empty) throws IOException {
    Message.Builder request = empty.newBuilderForType();
    if (parser.nextToken() == null) {
      throw expected("an object", "nothing");
    }
    message(request);
    if (parser.nextToken() != null) {
      throw expected("the end of the body", parser.getText());
    }
    return (Q) request.build();
  }

  private void message(Message.Builder message) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw expected("an object", parser.getText());
    }
    Map<String, FieldDescriptor> fields = fields(message.getDescriptorForType());
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      FieldDescriptor field = fields.get(parser.currentName());
      JsonToken token = parser.nextToken();
      if (field == null) {
        parser.skipChildren();
      } else if (token != JsonToken.VALUE_NULL) {
        if (field.isRepeated()) {
          repeated(message, field);
        } else {
          message.setField(field, value(message, field));
        }
      }
    }
  }

  private void repeated(Message.Builder message, FieldDescriptor field) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw expected("an array for " + field.getJsonName(), parser.getText());
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      message.addRepeatedField(field, value(message, field));
    }
  }

  private Object value(Message.Builder message, FieldDescriptor field) throws IOException {
    return switch (field.getJavaType()) {
      case MESSAGE -> {
        Message.Builder nested = message.newBuilderForField(field);
        message(nested);
        yield nested.build();
      }
      case STRING -> string(field);
      case BYTE_STRING -> bytes(field);
      case ENUM -> enumeration(field);
      case BOOLEAN -> bool(field);
      case DOUBLE -> decimal(field);
      case FLOAT -> (float) decimal(field);
      case LONG -> integer(field);
      case INT -> (int) integer(field);
    };
  }

  private String string(FieldDescriptor field) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw expected("a string for " + field.getJsonName(), parser.getText());
    }
    return parser.getText();
  }

  private ByteString bytes(FieldDescriptor field) throws IOException {
    String text = string(field);
    boolean hex = HEX_FIELDS.contains(field.getName());
    try {
      return ByteString.copyFrom(
          hex
              ? HexFormat.of().parseHex(text)
              : Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/')));
    } catch (IllegalArgumentException e) {
      throw expected((hex ? "hexadecimal digits" : "base64") + " for " + field.getJsonName(), text);
    }
  }

  private Object enumeration(FieldDescriptor field) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      return field.getEnumType().findValueByNumberCreatingIfUnknown((int) integer(field));
    }
    EnumValueDescriptor value = field.getEnumType().findValueByName(parser.getText());
    if (value == null) {
      throw expected("a number or name of " + field.getEnumType().getName(), parser.getText());
    }
    return value;
  }

  private boolean bool(FieldDescriptor field) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw expected("true or false for " + field.getJsonName(), parser.getText());
    };
  }

  private double decimal(FieldDescriptor field) throws IOException {
    if (parser.currentToken().isNumeric()) {
      return parser.getDoubleValue();
    }
    String text = string(field);
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw expected("a number for " + field.getJsonName(), text);
    }
  }

  /** Unsigned ones beyond the signed range come out negative, as in protobuf's Java classes. */
  private long integer(FieldDescriptor field) throws IOException {
    String text = parser.currentToken().isNumeric() ? parser.getText() : string(field);
    boolean unsigned =
        switch (field.getType()) {
          case UINT32, UINT64, FIXED32, FIXED64 -> true;
          default -> false;
        };
    int bits = field.getJavaType() == FieldDescriptor.JavaType.LONG ? 64 : 32;
    BigInteger value = null;
    try {
      BigDecimal number = new BigDecimal(text); // also 1e3 and 1.0
      value = number.scale() < -MAX_DIGITS ? null : number.toBigIntegerExact();
    } catch (ArithmeticException | NumberFormatException e) {
      // told below
    }
    if (value == null
        || (unsigned
            ? value.signum() < 0 || value.bitLength() > bits
            : value.bitLength() >= bits)) {
      throw expected(
          "%s integer of %d bits for %s"
              .formatted(unsigned ? "an unsigned" : "a signed", bits, field.getJsonName()),
          text);
    }
    return value.longValue();
  }

  private static Map<String, FieldDescriptor> fields(Descriptor type) {
    return FIELDS.computeIfAbsent(
        type,
        missing -> {
          Map<String, FieldDescriptor> fields = new HashMap<>();
          for (FieldDescriptor field : missing.getFields()) {
            fields.put(field.getName(), field);
            fields.put(field.getJsonName(), field);
          }
          return Map.copyOf(fields);
        });
  }

  private SignalDbException expected(String what, @Nullable String found) {
    String shown = String.valueOf(found);
    if (shown.length() > MAX_SHOWN_CHARACTERS) {
      shown = shown.substring(0, MAX_SHOWN_CHARACTERS) + "…";
    }
    return invalid(
        type,
        "found '%s', expected %s".formatted(shown, what),
        parser.currentTokenLocation(),
        null);
  }

  private static SignalDbException invalid(String type, IOException failure) {
    return failure instanceof JsonProcessingException json
        ? invalid(type, json.getOriginalMessage(), json.getLocation(), json)
        : invalid(type, String.valueOf(failure.getMessage()), null, failure);
  }

  private static SignalDbException invalid(
      String type, String what, @Nullable JsonLocation place, @Nullable Exception cause) {
    return new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "The body is not an OTLP/JSON %s: %s%s"
            .formatted(
                type,
                what,
                place == null
                    ? ""
                    : " (line %d, column %d)".formatted(place.getLineNr(), place.getColumnNr())),
        cause);
  }
}
