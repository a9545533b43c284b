package io.signaldb.router.sql;

import io.signaldb.common.auth.Caller;
import io.signaldb.common.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.arrow.flight.sql.FlightSqlProducer;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetDbSchemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTables;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The tables a caller sees: the tenant is the catalog, its datasets are the schemas, and each has
 * every table. Results are closed by the caller. Thread-safe.
 */
final class SqlMetadata {
  static final String TABLE = "TABLE";

  private final List<Table> tables;

  private record Table(String name, Schema columns) {
    static Table of(TableSchema schema) {
      // A statement may see rows from before a column was there.
      List<Field> columns =
          schema.storageArrow().getFields().stream().map(Table::nullable).toList();
      return new Table(schema.name(), new Schema(columns));
    }

    private static Field nullable(Field field) {
      return new Field(field.getName(), FieldType.nullable(field.getType()), field.getChildren());
    }
  }

  SqlMetadata(List<TableSchema> tables) {
    this.tables = tables.stream().map(Table::of).toList();
  }

  VectorSchemaRoot catalogs(Caller caller, BufferAllocator allocator) {
    Rows rows = new Rows(FlightSqlProducer.Schemas.GET_CATALOGS_SCHEMA, allocator);
    rows.add(caller.tenant().tenantSlug());
    return rows.root();
  }

  VectorSchemaRoot schemas(Caller caller, CommandGetDbSchemas command, BufferAllocator allocator) {
    Rows rows = new Rows(FlightSqlProducer.Schemas.GET_SCHEMAS_SCHEMA, allocator);
    String catalog = caller.tenant().tenantSlug();
    if (!command.hasCatalog() || command.getCatalog().equals(catalog)) {
      Predicate<String> wanted =
          like(command.hasDbSchemaFilterPattern(), command.getDbSchemaFilterPattern());
      caller.datasetSlugs().stream().filter(wanted).forEach(dataset -> rows.add(catalog, dataset));
    }
    return rows.root();
  }

  VectorSchemaRoot tables(Caller caller, CommandGetTables command, BufferAllocator allocator) {
    Rows rows =
        new Rows(
            command.getIncludeSchema()
                ? FlightSqlProducer.Schemas.GET_TABLES_SCHEMA
                : FlightSqlProducer.Schemas.GET_TABLES_SCHEMA_NO_SCHEMA,
            allocator);
    String catalog = caller.tenant().tenantSlug();
    List<String> types = command.getTableTypesList();
    if ((command.hasCatalog() && !command.getCatalog().equals(catalog))
        || !(types.isEmpty() || types.contains(TABLE))) {
      return rows.root();
    }
    Predicate<String> wantedDataset =
        like(command.hasDbSchemaFilterPattern(), command.getDbSchemaFilterPattern());
    Predicate<String> wantedTable =
        like(command.hasTableNameFilterPattern(), command.getTableNameFilterPattern());
    for (String dataset : caller.datasetSlugs().stream().filter(wantedDataset).toList()) {
      for (Table table : tables) {
        if (wantedTable.test(table.name())) {
          if (command.getIncludeSchema()) {
            rows.add(catalog, dataset, table.name(), TABLE, table.columns().serializeAsMessage());
          } else {
            rows.add(catalog, dataset, table.name(), TABLE);
          }
        }
      }
    }
    return rows.root();
  }

  VectorSchemaRoot tableTypes(BufferAllocator allocator) {
    Rows rows = new Rows(FlightSqlProducer.Schemas.GET_TABLE_TYPES_SCHEMA, allocator);
    rows.add(TABLE);
    return rows.root();
  }

  /** A pattern as of LIKE: {@code %} for any characters, {@code _} for one. */
  private static Predicate<String> like(boolean given, String pattern) {
    if (!given) {
      return name -> true;
    }
    StringBuilder regex = new StringBuilder();
    boolean escaped = false;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (!escaped && c == '\\') {
        escaped = true;
        continue;
      }
      regex.append(
          escaped || (c != '%' && c != '_')
              ? Pattern.quote(String.valueOf(c))
              : c == '%' ? ".*" : ".");
      escaped = false;
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL).asMatchPredicate();
  }

  /** Rows of text, the last column perhaps of bytes. */
  private static final class Rows {
    private final VectorSchemaRoot root;
    private int count;

    Rows(Schema schema, BufferAllocator allocator) {
      this.root = VectorSchemaRoot.create(schema, allocator);
    }

    void add(Object... values) {
      for (int i = 0; i < values.length; i++) {
        FieldVector vector = root.getVector(i);
        if (values[i] instanceof byte[] bytes) {
          ((VarBinaryVector) vector).setSafe(count, bytes);
        } else {
          byte[] text = values[i].toString().getBytes(StandardCharsets.UTF_8);
          ((VarCharVector) vector).setSafe(count, text);
        }
      }
      count++;
    }

    VectorSchemaRoot root() {
      root.setRowCount(count);
      return root;
    }
  }
}
