package io.signaldb.common.flight;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object from the wire, read field by field; every failure is INVALID_ARGUMENT and names the
 * object, the field and what was expected.
 */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final String what;
  private final JsonNode node;

  private Json(String what, JsonNode node) {
    this.what = what;
    this.node = node;
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static byte[] bytes(ObjectNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @param what names the object in errors: "batch header"
   */
  static Json parse(String what, String text) {
    JsonNode node;
    try {
      node = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid %s: expected a JSON object, %s".formatted(what, e.getOriginalMessage()),
          e);
    }
    if (!node.isObject()) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid %s: expected a JSON object, got %s"
              .formatted(what, node.getNodeType().name().toLowerCase(Locale.ROOT)));
    }
    return new Json(what, node);
  }

  String text(String field) {
    return required(field, textOrNull(field), "a string");
  }

  @Nullable String textOrNull(String field) {
    JsonNode value = valueOrNull(field, JsonNode::isTextual, "a string");
    return value == null ? null : value.textValue();
  }

  int integer(String field) {
    return required(field, integerOrNull(field), "an integer");
  }

  @Nullable Integer integerOrNull(String field) {
    JsonNode value = valueOrNull(field, JsonNode::canConvertToExactIntegral, "a 32-bit integer");
    if (value != null && !value.canConvertToInt()) {
      throw unexpected(field, value, "a 32-bit integer");
    }
    return value == null ? null : value.intValue();
  }

  long longInteger(String field) {
    return required(field, longOrNull(field), "an integer");
  }

  @Nullable Long longOrNull(String field) {
    JsonNode value = valueOrNull(field, JsonNode::canConvertToExactIntegral, "a 64-bit integer");
    if (value != null && !value.canConvertToLong()) {
      throw unexpected(field, value, "a 64-bit integer");
    }
    return value == null ? null : value.longValue();
  }

  /** The elements of an array. */
  Iterable<JsonNode> array(String field) {
    return required(field, valueOrNull(field, JsonNode::isArray, "an array"), "an array");
  }

  private @Nullable JsonNode valueOrNull(
      String field, Predicate<JsonNode> accepted, String expected) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!accepted.test(value)) {
      throw unexpected(field, value, expected);
    }
    return value;
  }

  private <T> T required(String field, @Nullable T value, String expected) {
    if (value == null) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid %s: field '%s' is missing; expected %s".formatted(what, field, expected));
    }
    return value;
  }

  private SignalDbException unexpected(String field, JsonNode value, String expected) {
    return new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "Invalid %s: field '%s' is %s; expected %s".formatted(what, field, value, expected));
  }
}
