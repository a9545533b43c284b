package io.signaldb.common.schema;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/** Columns in Iceberg's types, with field ids counted up from 1. */
final class IcebergTypes {
  private int lastId;

  private IcebergTypes() {}

  static org.apache.iceberg.Schema schema(List<Column> columns) {
    return new org.apache.iceberg.Schema(new IcebergTypes().fields(columns));
  }

  private List<NestedField> fields(List<Column> columns) {
    List<NestedField> fields = new ArrayList<>();
    for (Column column : columns) {
      int id = ++lastId;
      fields.add(
          NestedField.builder()
              .withId(id)
              .withName(column.name())
              .isOptional(!column.required())
              .ofType(type(column.type()))
              .withDoc(column.doc())
              .build());
    }
    return fields;
  }

  private Type type(ColumnType type) {
    if (type instanceof ColumnType.Scalar scalar) {
      return scalar(scalar);
    }
    int id = ++lastId;
    if (type instanceof ColumnType.MapOf map) {
      return Types.MapType.ofOptional(id, ++lastId, Types.StringType.get(), scalar(map.value()));
    }
    if (type instanceof ColumnType.ValuesOf values) {
      return Types.ListType.ofOptional(id, scalar(values.element()));
    }
    return Types.ListType.ofOptional(
        id, Types.StructType.of(fields(((ColumnType.ListOf) type).fields())));
  }

  private static Type scalar(ColumnType.Scalar scalar) {
    return switch (scalar) {
      case STRING -> Types.StringType.get();
      case INT32 -> Types.IntegerType.get();
      case INT64 -> Types.LongType.get();
      case DOUBLE -> Types.DoubleType.get();
      case BOOLEAN -> Types.BooleanType.get();
      case TIMESTAMP -> Types.TimestampType.withoutZone();
      case DATE -> Types.DateType.get();
    };
  }
}
