package io.signaldb.common.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.ListType;
import org.apache.iceberg.types.Types.MapType;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Iceberg schemas in Arrow, with the names Parquet gives to inner groups ({@code key_value}, {@code
 * element}), so that a file read back has the same type.
 */
final class ArrowTypes {
  private static final String FIELD_ID = "PARQUET:field_id";

  private final boolean fieldIds;

  private ArrowTypes(boolean fieldIds) {
    this.fieldIds = fieldIds;
  }

  static Schema schema(org.apache.iceberg.Schema schema, boolean fieldIds) {
    return new Schema(new ArrowTypes(fieldIds).fields(schema.columns()));
  }

  private List<Field> fields(List<NestedField> columns) {
    List<Field> fields = new ArrayList<>();
    for (NestedField column : columns) {
      fields.add(field(column.name(), column));
    }
    return fields;
  }

  private Field field(String name, NestedField column) {
    Map<String, String> metadata =
        fieldIds ? Map.of(FIELD_ID, Integer.toString(column.fieldId())) : Map.of();
    return new Field(
        name,
        new FieldType(column.isOptional(), arrowType(column.type()), null, metadata),
        children(column.type()));
  }

  private List<Field> children(Type type) {
    if (type instanceof MapType map) {
      Field entries =
          new Field(
              "key_value",
              FieldType.notNullable(ArrowType.Struct.INSTANCE),
              List.of(field("key", map.fields().get(0)), field("value", map.fields().get(1))));
      return List.of(entries);
    }
    if (type instanceof ListType list) {
      return List.of(field("element", list.fields().get(0)));
    }
    return type.isStructType() ? fields(type.asStructType().fields()) : List.of();
  }

  private static ArrowType arrowType(Type type) {
    return switch (type.typeId()) {
      case STRING -> ArrowType.Utf8.INSTANCE;
      case INTEGER -> new ArrowType.Int(32, true);
      case LONG -> new ArrowType.Int(64, true);
      case DOUBLE -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      case BOOLEAN -> ArrowType.Bool.INSTANCE;
      case TIMESTAMP -> new ArrowType.Timestamp(TimeUnit.MICROSECOND, null);
      case DATE -> new ArrowType.Date(DateUnit.DAY);
      case MAP -> new ArrowType.Map(false);
      case LIST -> ArrowType.List.INSTANCE;
      case STRUCT -> ArrowType.Struct.INSTANCE;
      default -> throw new IllegalArgumentException("no column has the type " + type);
    };
  }
}
