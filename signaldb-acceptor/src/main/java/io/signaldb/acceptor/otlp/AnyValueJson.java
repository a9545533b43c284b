package io.signaldb.acceptor.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;

/**
 * An {@code AnyValue} as OTLP/JSON: {@code {"arrayValue":{"values":[{"intValue":"1"}]}}}, an empty
 * one as {@code {}}. Protobuf's JSON parsers read it back without loss.
 */
final class AnyValueJson {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).build())
          .build();

  private AnyValueJson() {}

  static byte[] write(AnyValue value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      write(json, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** A value to read: a text as it is, nothing as nothing, others as plain JSON. */
  static byte[] text(AnyValue value) {
    if (value.getValueCase() == AnyValue.ValueCase.STRING_VALUE) {
      return value.getStringValueBytes().toByteArray();
    }
    if (value.getValueCase() == AnyValue.ValueCase.BYTES_VALUE) {
      return Base64.getEncoder().encode(value.getBytesValue().toByteArray());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      writePlain(json, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void writePlain(JsonGenerator json, AnyValue value) throws IOException {
    switch (value.getValueCase()) {
      case STRING_VALUE -> json.writeString(value.getStringValue());
      case BOOL_VALUE -> json.writeBoolean(value.getBoolValue());
      case INT_VALUE -> json.writeNumber(value.getIntValue());
      case DOUBLE_VALUE -> json.writeNumber(value.getDoubleValue());
      case BYTES_VALUE -> json.writeBinary(value.getBytesValue().toByteArray());
      case STRING_VALUE_STRINDEX -> json.writeNumber(value.getStringValueStrindex());
      case ARRAY_VALUE -> {
        json.writeStartArray();
        for (AnyValue element : value.getArrayValue().getValuesList()) {
          writePlain(json, element);
        }
        json.writeEndArray();
      }
      case KVLIST_VALUE -> {
        json.writeStartObject();
        for (KeyValue entry : value.getKvlistValue().getValuesList()) {
          json.writeFieldName(entry.getKey());
          writePlain(json, entry.getValue());
        }
        json.writeEndObject();
      }
      case VALUE_NOT_SET -> json.writeNull();
    }
  }

  private static void write(JsonGenerator json, AnyValue value) throws IOException {
    json.writeStartObject();
    switch (value.getValueCase()) {
      case STRING_VALUE -> json.writeStringField("stringValue", value.getStringValue());
      case BOOL_VALUE -> json.writeBooleanField("boolValue", value.getBoolValue());
      case INT_VALUE -> json.writeStringField("intValue", Long.toString(value.getIntValue()));
      case DOUBLE_VALUE -> json.writeNumberField("doubleValue", value.getDoubleValue());
      case BYTES_VALUE -> {
        json.writeFieldName("bytesValue");
        json.writeBinary(value.getBytesValue().toByteArray());
      }
      case STRING_VALUE_STRINDEX ->
          json.writeNumberField("stringValueStrindex", value.getStringValueStrindex());
      case ARRAY_VALUE -> {
        json.writeObjectFieldStart("arrayValue");
        json.writeArrayFieldStart("values");
        for (AnyValue element : value.getArrayValue().getValuesList()) {
          write(json, element);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      case KVLIST_VALUE -> {
        json.writeObjectFieldStart("kvlistValue");
        json.writeArrayFieldStart("values");
        for (KeyValue entry : value.getKvlistValue().getValuesList()) {
          json.writeStartObject();
          json.writeStringField("key", entry.getKey());
          if (entry.hasValue()) {
            json.writeFieldName("value");
            write(json, entry.getValue());
          }
          json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      case VALUE_NOT_SET -> {
        // The empty object.
      }
    }
    json.writeEndObject();
  }
}
