package io.signaldb.it;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * OTLP messages in which every field is set that the protobuf definitions have, each to a value of
 * its own: a field of a later version of OTLP is set without a change here.
 */
final class OtlpFixture {
  /** Only the profiles signal has tables of strings that these point to. */
  private static final Set<String> NOT_OF_THESE_SIGNALS =
      Set.of("opentelemetry.proto.common.v1.KeyValue.key_strindex");

  /** Identifiers that have to have a length. */
  private static final int TRACE_ID_BYTES = 16;

  private static final int SPAN_ID_BYTES = 8;

  private final List<String> choices;
  private final long now = TimeUnit.SECONDS.toNanos(Instant.now().getEpochSecond());
  private int counter = 1;

  private OtlpFixture(List<String> choices) {
    this.choices = choices;
  }

  /**
   * A request with one row.
   *
   * @param empty of the class of the request
   * @param choices names of the fields of a {@code oneof} that are to be set
   */
  static Message request(Message empty, String... choices) {
    Message.Builder request = empty.newBuilderForType();
    new OtlpFixture(List.of(choices)).fill(request);
    return request.build();
  }

  private void fill(Message.Builder message) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (NOT_OF_THESE_SIGNALS.contains(field.getFullName())
          || (field.getRealContainingOneof() != null && !choices.contains(field.getName()))) {
        continue;
      }
      if (field.isRepeated()) {
        repeated(message, field);
      } else if (isAnyValue(field)) {
        message.setField(field, anyValue(AnyValue.ValueCase.KVLIST_VALUE));
      } else {
        message.setField(field, value(message, field));
      }
    }
  }

  private void repeated(Message.Builder message, FieldDescriptor field) {
    if (isMessage(field, KeyValue.getDescriptor())) {
      for (AnyValue.ValueCase kind : AnyValue.ValueCase.values()) {
        KeyValue attribute =
            KeyValue.newBuilder()
                .setKey(field.getName() + "." + kind.name().toLowerCase(java.util.Locale.ROOT))
                .setValue(anyValue(kind))
                .build();
        message.addRepeatedField(field, attribute);
      }
      return;
    }
    int count = isRowOrAround(field) ? 1 : field.getName().equals("bucket_counts") ? 3 : 2;
    for (int i = 0; i < count; i++) {
      message.addRepeatedField(field, value(message, field));
    }
  }

  private Object value(Message.Builder message, FieldDescriptor field) {
    int number = counter++;
    return switch (field.getJavaType()) {
      case MESSAGE -> {
        Message.Builder inner = message.newBuilderForField(field);
        fill(inner);
        yield inner.build();
      }
      case STRING -> field.getName() + " " + number + " äöü🔑";
      case BYTE_STRING -> bytes(field, number);
      case ENUM -> last(field);
      case BOOLEAN -> true;
      case INT -> number;
      case LONG -> field.getName().endsWith("time_unix_nano") ? now + number : (long) number;
      case DOUBLE -> field.getName().equals("quantile") ? 1.0 / number : number + 0.5;
      case FLOAT -> number + 0.5f;
    };
  }

  private static ByteString bytes(FieldDescriptor field, int number) {
    byte[] bytes = new byte[field.getName().equals("trace_id") ? TRACE_ID_BYTES : SPAN_ID_BYTES];
    bytes[0] = (byte) 0xab;
    bytes[bytes.length - 1] = (byte) number;
    return ByteString.copyFrom(bytes);
  }

  private static EnumValueDescriptor last(FieldDescriptor field) {
    List<EnumValueDescriptor> values = field.getEnumType().getValues();
    return values.get(values.size() - 1);
  }

  /** A value of that kind; lists have one of each simple kind and an empty one. */
  private AnyValue anyValue(AnyValue.ValueCase kind) {
    AnyValue.Builder value = AnyValue.newBuilder();
    int number = counter++;
    switch (kind) {
      case STRING_VALUE -> value.setStringValue("text " + number);
      case BOOL_VALUE -> value.setBoolValue(true);
      case INT_VALUE -> value.setIntValue(Long.MIN_VALUE + number);
      case DOUBLE_VALUE -> value.setDoubleValue(number + 0.25);
      case BYTES_VALUE -> value.setBytesValue(ByteString.copyFrom(new byte[] {0, -1, 7}));
      case STRING_VALUE_STRINDEX -> value.setStringValueStrindex(number);
      case ARRAY_VALUE ->
          value
              .getArrayValueBuilder()
              .addValues(anyValue(AnyValue.ValueCase.STRING_VALUE))
              .addValues(anyValue(AnyValue.ValueCase.BYTES_VALUE))
              .addValues(anyValue(AnyValue.ValueCase.VALUE_NOT_SET));
      case KVLIST_VALUE -> {
        for (AnyValue.ValueCase inner :
            List.of(AnyValue.ValueCase.DOUBLE_VALUE, AnyValue.ValueCase.ARRAY_VALUE)) {
          value
              .getKvlistValueBuilder()
              .addValuesBuilder()
              .setKey("key " + counter++)
              .setValue(anyValue(inner));
        }
      }
      case VALUE_NOT_SET -> {
        // As it is.
      }
    }
    return value.build();
  }

  /** Of these one, so that there is one row. */
  private static boolean isRowOrAround(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        && field
            .getMessageType()
            .getName()
            .matches("(Resource|Scope)[A-Z].*|Span|LogRecord|Metric|.*DataPoint");
  }

  private static boolean isAnyValue(FieldDescriptor field) {
    return isMessage(field, AnyValue.getDescriptor());
  }

  private static boolean isMessage(FieldDescriptor field, Descriptor type) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        && field.getMessageType().equals(type);
  }
}
