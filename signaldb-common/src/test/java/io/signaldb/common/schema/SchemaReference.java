package io.signaldb.common.schema;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes {@code docs/schemas.md} from {@link Schemas}. */
final class SchemaReference {
  private final StringBuilder out = new StringBuilder();

  private SchemaReference() {}

  static String markdown(Schemas schemas) {
    SchemaReference reference = new SchemaReference();
    reference.line("# Tables");
    reference.line("");
    reference.line("Generated from `schemas.toml`; a test fails when the two differ.");
    reference.line("");
    reference.line(
        """
        Attributes keep their types: values are in the map of their type (`…_int`, `…_double`, \
        `…_bool`; texts in the one without a suffix; arrays, key-value lists, bytes and empty \
        values in `…_json` as OTLP/JSON `AnyValue`), or, for a promoted key and a value of its \
        type, in a column of its own. Where a key stands twice in one list, the last value counts. \
        Field ids are those of the Iceberg table.""");
    schemas.tables().forEach(reference::table);
    reference.promoted(schemas);
    return reference.out.toString();
  }

  private void table(TableSchema table) {
    line("");
    line("## " + table.name());
    line("");
    line(
        "%s Partitioned by %s, files sorted by %s."
            .formatted(
                table.description(),
                table.partitionSpec(table.icebergSchema()).fields().stream()
                    .map(field -> "`" + field.name() + "`")
                    .collect(Collectors.joining(", ")),
                table.sortBy().stream()
                    .map(column -> "`" + column + "`")
                    .collect(Collectors.joining(", "))));
    line("");
    line("| Column | Type | Null | On the wire | |");
    line("|---|---|---|---|---|");
    for (TableSchema.StoredField stored : table.storedFields()) {
      List<Column> columns = stored.field().columns();
      List<Column> wire = stored.field().renamed(stored.wireName()).columns();
      boolean computed = stored.field().origin() instanceof Field.Origin.Computed;
      for (int i = 0; i < columns.size(); i++) {
        Column column = columns.get(i);
        line(
            "| `%s` | %s | %s | %s | %s |"
                .formatted(
                    column.name(),
                    type(column.type()),
                    column.required() ? "no" : "yes",
                    computed ? "" : "`" + wire.get(i).name() + "`",
                    column.doc()));
      }
    }
    for (TableSchema.StoredField stored : table.storedFields()) {
      if (stored.field().type() instanceof Field.Type.Structs structs) {
        struct(stored.field().name(), structs);
      }
    }
  }

  private void struct(String name, Field.Type.Structs structs) {
    line("");
    line("### Elements of `" + name + "`");
    line("");
    line("| Field | Type | |");
    line("|---|---|---|");
    for (Field field : structs.fields()) {
      for (Column column : field.columns()) {
        line("| `%s` | %s | %s |".formatted(column.name(), type(column.type()), column.doc()));
      }
    }
  }

  private void promoted(Schemas schemas) {
    Set<PromotedAttribute> promoted = new LinkedHashSet<>();
    schemas.tables().forEach(table -> promoted.addAll(table.attributes().promoted()));
    line("");
    line("## Promoted attributes");
    line("");
    line("In every table that has attributes of the kind.");
    line("");
    line("| Of | Key | Type | Column |");
    line("|---|---|---|---|");
    for (PromotedAttribute attribute : promoted) {
      line(
          "| %s | `%s` | %s | `%s` |"
              .formatted(
                  lower(attribute.scope()),
                  attribute.key(),
                  lower(attribute.type()),
                  attribute.column()));
    }
  }

  private static String type(ColumnType type) {
    if (type instanceof ColumnType.Scalar scalar) {
      return lower(scalar);
    }
    if (type instanceof ColumnType.ValuesOf values) {
      return "list of " + lower(values.element());
    }
    return type instanceof ColumnType.MapOf map
        ? "map of " + lower(map.value())
        : "list of structs";
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private void line(String text) {
    out.append(text).append('\n');
  }
}
