package io.signaldb.querier.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.signaldb.querier.traceql.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Reads attribute values that are stored as the text of an OTLP/JSON {@code AnyValue}. */
public final class StructuredValue {
  /** Values nest as deep as clients sent them; one inside another is skipped, not entered. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private StructuredValue() {}

  /** An array as such, an empty value as nil, key-value lists and bytes as they are. */
  public static Value of(String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      expect(parser.nextToken(), JsonToken.START_OBJECT, json);
      if (parser.nextToken() == JsonToken.END_OBJECT) {
        return Value.NIL;
      }
      return parser.currentName().equals("arrayValue")
          ? new Value.Array(elements(parser, json), json)
          : new Value.Structured(json);
    } catch (IOException e) {
      throw new UncheckedIOException("Not an OTLP/JSON value: " + json, e);
    }
  }

  /** The elements of {@code {"values": […]}}, which comes next; none if it has no values. */
  private static List<Value> elements(JsonParser parser, String json) throws IOException {
    List<Value> elements = new ArrayList<>();
    expect(parser.nextToken(), JsonToken.START_OBJECT, json);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      expect(parser.nextToken(), JsonToken.START_ARRAY, json);
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        elements.add(element(parser));
      }
    }
    return elements;
  }

  private static Value element(JsonParser parser) throws IOException {
    Value value = Value.NIL;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String kind = parser.currentName();
      parser.nextToken();
      value =
          switch (kind) {
            case "stringValue" -> new Value.Text(parser.getText());
            case "boolValue" -> Value.Bool.of(parser.getBooleanValue());
            case "intValue" -> new Value.Int(Long.parseLong(parser.getText()));
            case "doubleValue" -> new Value.Real(Double.parseDouble(parser.getText()));
            default -> new Value.Structured(kind);
          };
      parser.skipChildren();
    }
    return value;
  }

  private static void expect(JsonToken found, JsonToken expected, String json) {
    if (found != expected) {
      throw new IllegalStateException("Not an OTLP/JSON value: " + json);
    }
  }
}
