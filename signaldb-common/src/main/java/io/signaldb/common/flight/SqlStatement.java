package io.signaldb.common.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a client.
 *
 * @param values of {@code $1}, {@code $2} and so on: String, Long, Double, Boolean, Instant or null
 */
public record SqlStatement(String text, List<@Nullable Object> values) {
  private static final String VALUES = "values";

  public SqlStatement {
    values = Collections.unmodifiableList(new ArrayList<>(values));
  }

  /** The form in handles: JSON in UTF-8. */
  public byte[] toBytes() {
    return Json.bytes(toJson());
  }

  /**
   * Reads the form in handles.
   *
   * @throws SignalDbException INVALID_ARGUMENT if it is malformed
   */
  public static SqlStatement parse(byte[] bytes) {
    return of(Json.parse("statement", new String(bytes, StandardCharsets.UTF_8)));
  }

  ObjectNode toJson() {
    ObjectNode json = Json.object().put("text", text);
    ArrayNode array = json.putArray(VALUES);
    values.forEach(value -> array.add(value == null ? array.nullNode() : tagged(value)));
    return json;
  }

  static SqlStatement of(Json json) {
    List<@Nullable Object> values = new ArrayList<>();
    for (JsonNode value : json.array(VALUES)) {
      values.add(value.isNull() ? null : value(value));
    }
    return new SqlStatement(json.text("text"), values);
  }

  /** Doubles as text: JSON has no NaN. */
  private static ObjectNode tagged(Object value) {
    ObjectNode tagged = Json.object();
    if (value instanceof Long number) {
      return tagged.put("long", number);
    } else if (value instanceof Double number) {
      return tagged.put("double", number.toString());
    } else if (value instanceof Boolean bool) {
      return tagged.put("bool", bool);
    } else if (value instanceof Instant time) {
      return tagged.put("time", time.toString());
    } else if (value instanceof String text) {
      return tagged.put("string", text);
    }
    throw new IllegalArgumentException(
        "a value of a statement is a %s; expected String, Long, Double, Boolean or Instant"
            .formatted(value.getClass().getName()));
  }

  private static Object value(JsonNode tagged) {
    try {
      if (tagged.path("long").canConvertToLong()) {
        return tagged.get("long").longValue();
      } else if (tagged.path("double").isTextual()) {
        return Double.valueOf(tagged.get("double").textValue());
      } else if (tagged.path("bool").isBoolean()) {
        return tagged.get("bool").booleanValue();
      } else if (tagged.path("time").isTextual()) {
        return Instant.parse(tagged.get("time").textValue());
      } else if (tagged.path("string").isTextual()) {
        return tagged.get("string").textValue();
      }
    } catch (NumberFormatException | DateTimeException e) {
      throw malformed(tagged, e);
    }
    throw malformed(tagged, null);
  }

  private static SignalDbException malformed(JsonNode value, @Nullable Exception cause) {
    return new SignalDbException(
        ErrorCode.INVALID_ARGUMENT,
        "Invalid value %s of a statement: expected null or one of string, long, double, bool, time"
            .formatted(value),
        cause);
  }
}
