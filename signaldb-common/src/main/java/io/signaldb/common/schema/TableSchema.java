package io.signaldb.common.schema;

import io.signaldb.common.schema.Field.Origin;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.iceberg.PartitionSpec;

/**
 * The columns of one table: as they travel ({@code wire}, v1) and as they are stored ({@code
 * storage}, v2). Immutable.
 */
public final class TableSchema {
  /** A field of the storage version and the name it has on the wire. */
  record StoredField(Field field, String wireName) {}

  private final String name;
  private final Signal signal;
  private final String description;
  private final List<Field> wireFields;
  private final List<StoredField> storedFields;
  private final List<Column> wire;
  private final List<Column> storage;
  private final Map<String, Column> storageByName;
  private final org.apache.arrow.vector.types.pojo.Schema wireArrow;
  private final org.apache.arrow.vector.types.pojo.Schema storageArrow;
  private final org.apache.iceberg.Schema icebergSchema;
  private final List<String> partitionBy;
  private final List<String> sortBy;
  private final Map<String, String> storageExpressions;
  private final AttributeColumns attributes;

  TableSchema(
      String name,
      Signal signal,
      String description,
      List<Field> wireFields,
      List<StoredField> storedFields,
      List<String> partitionBy,
      List<String> sortBy,
      Map<AttributeScope, Map<String, AttributeType>> promoted) {
    this.name = name;
    this.signal = signal;
    this.description = description;
    this.wireFields = List.copyOf(wireFields);
    this.storedFields = List.copyOf(storedFields);
    this.partitionBy = List.copyOf(partitionBy);
    this.sortBy = List.copyOf(sortBy);
    this.attributes =
        new AttributeColumns(
            attributeFields(storedFields.stream().map(StoredField::field).toList()), promoted);
    List<Column> promotedColumns = attributes.promoted().stream().map(TableSchema::column).toList();
    this.wire = columns(wireFields, promotedColumns);
    this.storage = columns(storedFields.stream().map(StoredField::field).toList(), promotedColumns);
    this.storageByName =
        storage.stream().collect(Collectors.toMap(Column::name, Function.identity()));
    requireColumns(partitionBy);
    requireColumns(sortBy);
    this.storageExpressions = expressions(storedFields, promotedColumns);
    this.wireArrow = ArrowTypes.schema(IcebergTypes.schema(wire), false);
    this.icebergSchema = IcebergTypes.schema(storage);
    this.storageArrow = ArrowTypes.schema(icebergSchema, false);
  }

  /** Table name in Iceberg, tickets and batch headers. */
  public String name() {
    return name;
  }

  public Signal signal() {
    return signal;
  }

  /** One sentence: what a row is. */
  public String description() {
    return description;
  }

  /** The fields of the wire version before attributes are expanded, with their sources. */
  public List<Field> wireFields() {
    return wireFields;
  }

  /** The fields of the storage version before attributes are expanded. */
  List<StoredField> storedFields() {
    return storedFields;
  }

  /** Columns of a batch on the wire and in the WAL, attributes expanded, promoted ones last. */
  public List<Column> wire() {
    return wire;
  }

  /** Columns of the Iceberg table, attributes expanded, promoted ones last. */
  public List<Column> storage() {
    return storage;
  }

  /** The storage column of that name. */
  public Optional<Column> storageColumn(String column) {
    return Optional.ofNullable(storageByName.get(column));
  }

  /** {@link #wire} in Arrow: flat, strings as plain Utf8. What a memory table declares. */
  public org.apache.arrow.vector.types.pojo.Schema wireArrow() {
    return wireArrow;
  }

  /** {@link #storage} in Arrow. */
  public org.apache.arrow.vector.types.pojo.Schema storageArrow() {
    return storageArrow;
  }

  /** {@link #storage} in Iceberg, for table creation: the catalog assigns the final field ids. */
  public org.apache.iceberg.Schema icebergSchema() {
    return icebergSchema;
  }

  /**
   * How a table is partitioned: by the hour of each column of {@code partition_by}, in a field
   * named {@code timestamp_hour} after it.
   *
   * @param schema the table's schema, which has those columns
   */
  public PartitionSpec partitionSpec(org.apache.iceberg.Schema schema) {
    PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
    for (String column : partitionBy) {
      spec.hour(column, column + "_hour");
    }
    return spec.build();
  }

  /** Storage columns by which rows in a file are sorted, ascending. */
  public List<String> sortBy() {
    return sortBy;
  }

  /**
   * How rows of {@link #wire} become rows of {@link #storage}: for each storage column, in their
   * order, an SQL expression over wire columns. Renames are names of columns, computed columns
   * more.
   */
  public Map<String, String> storageExpressions() {
    return storageExpressions;
  }

  /** Where the attributes are stored. */
  public AttributeColumns attributes() {
    return attributes;
  }

  /**
   * The Arrow schema of files of an Iceberg table: its columns with their field ids, nested ones
   * included, as {@code PARQUET:field_id} metadata.
   */
  public static org.apache.arrow.vector.types.pojo.Schema arrowWithFieldIds(
      org.apache.iceberg.Schema schema) {
    return ArrowTypes.schema(schema, true);
  }

  private static Map<AttributeScope, String> attributeFields(List<Field> fields) {
    Map<AttributeScope, String> names = new EnumMap<>(AttributeScope.class);
    for (Field field : fields) {
      if (field.type() instanceof Field.Type.Attributes type) {
        names.put(type.scope(), field.name());
      } else if (field.type() instanceof Field.Type.Structs structs) {
        names.putAll(attributeFields(structs.fields()));
      }
    }
    return names;
  }

  private static Column column(PromotedAttribute promoted) {
    String doc =
        "Attribute %s of the %s."
            .formatted(promoted.key(), promoted.scope().name().toLowerCase(Locale.ROOT));
    return new Column(promoted.column(), promoted.type().scalar(), false, doc);
  }

  private List<Column> columns(List<Field> fields, List<Column> promotedColumns) {
    List<Column> columns = new ArrayList<>();
    fields.forEach(field -> columns.addAll(field.columns()));
    columns.addAll(promotedColumns);
    Set<String> names = new HashSet<>();
    for (Column column : columns) {
      if (!names.add(column.name())) {
        throw SchemaFile.wrong(name, "two columns are named '%s'".formatted(column.name()));
      }
    }
    return List.copyOf(columns);
  }

  private void requireColumns(List<String> names) {
    for (String column : names) {
      if (storageColumn(column).isEmpty()) {
        throw SchemaFile.wrong(name, "no column '%s' to partition or sort by".formatted(column));
      }
    }
  }

  private Map<String, String> expressions(List<StoredField> fields, List<Column> promotedColumns) {
    Map<String, String> expressions = new LinkedHashMap<>();
    for (StoredField stored : fields) {
      if (stored.field().origin() instanceof Origin.Computed computed) {
        for (String from : computed.from()) {
          if (wire.stream().noneMatch(column -> column.name().equals(from))) {
            throw SchemaFile.wrong(
                name + "." + stored.field().name(),
                "no wire column '%s' to compute from".formatted(from));
          }
        }
        expressions.put(stored.field().name(), computed.computation().sql(first(computed.from())));
      } else {
        List<Column> from = stored.field().renamed(stored.wireName()).columns();
        List<Column> to = stored.field().columns();
        for (int i = 0; i < to.size(); i++) {
          expressions.put(to.get(i).name(), quoted(from.get(i).name()));
        }
      }
    }
    promotedColumns.forEach(column -> expressions.put(column.name(), quoted(column.name())));
    return Collections.unmodifiableMap(expressions);
  }

  /** The first of the columns that is not null. */
  private static String first(List<String> columns) {
    return columns.size() == 1
        ? quoted(columns.get(0))
        : columns.stream()
            .map(TableSchema::quoted)
            .collect(Collectors.joining(", ", "coalesce(", ")"));
  }

  private static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
