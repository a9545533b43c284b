package io.signaldb.router.sql;

import java.nio.charset.StandardCharsets;
import org.apache.arrow.flight.sql.FlightSqlProducer;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetXdbcTypeInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.Nullable;
import org.apache.arrow.flight.sql.impl.FlightSql.Searchable;
import org.apache.arrow.flight.sql.impl.FlightSql.XdbcDataType;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** The types of SQL that statements can name, as JDBC and ODBC ask for them. */
enum SqlTypes {
  BOOLEAN(XdbcDataType.XDBC_BIT, 1, "", 0),
  INTEGER(XdbcDataType.XDBC_INTEGER, 10, "", 10),
  BIGINT(XdbcDataType.XDBC_BIGINT, 19, "", 10),
  DOUBLE(XdbcDataType.XDBC_DOUBLE, 15, "", 10),
  VARCHAR(XdbcDataType.XDBC_VARCHAR, Integer.MAX_VALUE, "'", 0),
  DATE(XdbcDataType.XDBC_DATE, 10, "'", 0),
  TIMESTAMP(XdbcDataType.XDBC_TIMESTAMP, 29, "'", 0);

  private final XdbcDataType type;
  private final int size;
  private final String quote;
  private final int radix;

  SqlTypes(XdbcDataType type, int size, String quote, int radix) {
    this.type = type;
    this.size = size;
    this.quote = quote;
    this.radix = radix;
  }

  /** All types, or the one asked for; the caller closes the result. */
  static VectorSchemaRoot rows(CommandGetXdbcTypeInfo command, BufferAllocator allocator) {
    VectorSchemaRoot root =
        VectorSchemaRoot.create(FlightSqlProducer.Schemas.GET_TYPE_INFO_SCHEMA, allocator);
    root.allocateNew();
    int row = 0;
    for (SqlTypes type : values()) {
      if (!command.hasDataType() || command.getDataType() == type.type.getNumber()) {
        type.write(root, row++);
      }
    }
    root.setRowCount(row);
    return root;
  }

  private void write(VectorSchemaRoot root, int row) {
    text(root, row, "type_name", name());
    text(root, row, "local_type_name", name());
    number(root, row, "data_type", type.getNumber());
    number(root, row, "sql_data_type", type.getNumber());
    number(root, row, "column_size", size);
    number(root, row, "nullable", Nullable.NULLABILITY_NULLABLE_VALUE);
    number(root, row, "searchable", Searchable.SEARCHABLE_FULL_VALUE);
    flag(root, row, "case_sensitive", this == VARCHAR);
    flag(root, row, "fixed_prec_scale", false);
    if (!quote.isEmpty()) {
      text(root, row, "literal_prefix", quote);
      text(root, row, "literal_suffix", quote);
    }
    if (radix != 0) {
      number(root, row, "num_prec_radix", radix);
      flag(root, row, "unsigned_attribute", false);
      flag(root, row, "auto_increment", false);
    }
  }

  private static void text(VectorSchemaRoot root, int row, String column, String value) {
    ((VarCharVector) root.getVector(column)).setSafe(row, value.getBytes(StandardCharsets.UTF_8));
  }

  private static void number(VectorSchemaRoot root, int row, String column, int value) {
    ((IntVector) root.getVector(column)).setSafe(row, value);
  }

  private static void flag(VectorSchemaRoot root, int row, String column, boolean value) {
    ((BitVector) root.getVector(column)).setSafe(row, value ? 1 : 0);
  }
}
