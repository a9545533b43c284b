package io.signaldb.it;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.common.schema.Derivation;
import io.signaldb.common.schema.Field;
import io.signaldb.common.schema.Field.Origin;
import io.signaldb.common.schema.PromotedAttribute;
import io.signaldb.common.schema.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes OTLP messages of a stored row again, following {@code schemas.toml} backwards. A field that
 * no column keeps is missing in them.
 */
final class StoredMessages {
  private final TableSchema table;
  private final Map<String, String> storedNames = new HashMap<>();

  StoredMessages(TableSchema table) {
    this.table = table;
    table
        .storageExpressions()
        .forEach((stored, sql) -> storedNames.put(sql.replace("\"", ""), stored));
  }

  /**
   * Sets what the columns of a row say.
   *
   * @param row values by storage column
   * @param roots messages by the first step of a {@code source}
   */
  void restore(Map<String, Object> row, Map<String, Message.Builder> roots) {
    for (Field field : table.wireFields()) {
      restore(field, name -> row.get(storedNames.getOrDefault(name, name)), roots);
    }
  }

  private void restore(
      Field field, Function<String, Object> values, Map<String, Message.Builder> roots) {
    List<String> path =
        field.origin() instanceof Origin.Source source
            ? source.path()
            : ((Origin.Derived) field.origin()).path();
    if (field.origin() instanceof Origin.Derived derived) {
      Object value = values.apply(field.name());
      if (derived.derivation() == Derivation.NUMBER && value != null) {
        Message.Builder number = holder(path, path.size(), roots);
        number.setField(
            number.getDescriptorForType().findFieldByName("as_double"),
            ((Number) value).doubleValue());
      }
      return;
    }
    if (field.type() instanceof Field.Type.Attributes attributes) {
      List<KeyValue> list = attributes(field.name(), attributes.scope(), values);
      if (!list.isEmpty()) {
        Message.Builder holder = holder(path, path.size() - 1, roots);
        FieldDescriptor leaf = leaf(holder, path);
        list.forEach(attribute -> holder.addRepeatedField(leaf, attribute));
      }
      return;
    }
    Object value = values.apply(field.name());
    if (value == null) {
      return;
    }
    Message.Builder holder = holder(path, path.size() - 1, roots);
    FieldDescriptor leaf = leaf(holder, path);
    if (field.type() instanceof Field.Type.Structs structs) {
      for (Object element : (List<?>) value) {
        Message.Builder inner = holder.newBuilderForField(leaf);
        Map<?, ?> struct = (Map<?, ?>) element;
        for (Field part : structs.fields()) {
          restore(part, struct::get, Map.of(structs.name(), inner));
        }
        holder.addRepeatedField(leaf, inner.build());
      }
      return;
    }
    if (leaf.isRepeated()) {
      for (Object element : (List<?>) value) {
        holder.addRepeatedField(leaf, plain(leaf, element));
      }
      return;
    }
    switch (((Origin.Source) field.origin()).codec()) {
      case PLAIN, NESTED -> holder.setField(leaf, plain(leaf, value));
      case HEX ->
          holder.setField(leaf, ByteString.copyFrom(HexFormat.of().parseHex(value.toString())));
      case ANY_TEXT ->
          holder.setField(leaf, AnyValue.newBuilder().setStringValue(value.toString()).build());
      case ANY_JSON -> holder.setField(leaf, json(value.toString()));
      case SPAN_KIND, STATUS_CODE, TEMPORALITY -> {
        // The number beside it says it.
      }
    }
  }

  private static Object plain(FieldDescriptor leaf, Object value) {
    return switch (leaf.getJavaType()) {
      case STRING -> value.toString();
      case ENUM ->
          leaf.getEnumType().findValueByNumberCreatingIfUnknown(((Number) value).intValue());
      case INT, LONG, DOUBLE, BOOLEAN -> value;
      case FLOAT, BYTE_STRING, MESSAGE ->
          throw new AssertionError(leaf.getFullName() + " has no plain column");
    };
  }

  private List<KeyValue> attributes(
      String name, AttributeScope scope, Function<String, Object> values) {
    List<KeyValue> attributes = new ArrayList<>();
    for (AttributeType type : AttributeType.values()) {
      Object map = values.apply(type.mapColumn(name));
      if (map != null) {
        for (Object entry : (List<?>) map) {
          Map<?, ?> pair = (Map<?, ?>) entry;
          attributes.add(attribute(pair.get("key").toString(), type, pair.get("value")));
        }
      }
    }
    for (PromotedAttribute promoted : table.attributes().promoted()) {
      Object value = promoted.scope() == scope ? values.apply(promoted.column()) : null;
      if (value != null) {
        attributes.add(attribute(promoted.key(), promoted.type(), value));
      }
    }
    return attributes;
  }

  private static KeyValue attribute(String key, AttributeType type, Object value) {
    AnyValue.Builder any = AnyValue.newBuilder();
    switch (type) {
      case STRING -> any.setStringValue(value.toString());
      case INT -> any.setIntValue((Long) value);
      case DOUBLE -> any.setDoubleValue((Double) value);
      case BOOL -> any.setBoolValue((Boolean) value);
      case JSON -> any.mergeFrom(json(value.toString()));
    }
    return KeyValue.newBuilder().setKey(key).setValue(any).build();
  }

  private static AnyValue json(String text) {
    AnyValue.Builder value = AnyValue.newBuilder();
    try {
      JsonFormat.parser().merge(text, value);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("no AnyValue: " + text, e);
    }
    return value.build();
  }

  private static Message.Builder holder(
      List<String> path, int steps, Map<String, Message.Builder> roots) {
    Message.Builder holder = roots.get(path.get(0));
    for (String step : path.subList(1, steps)) {
      holder = holder.getFieldBuilder(holder.getDescriptorForType().findFieldByName(step));
    }
    return holder;
  }

  private static FieldDescriptor leaf(Message.Builder holder, List<String> path) {
    return holder.getDescriptorForType().findFieldByName(path.get(path.size() - 1));
  }
}
