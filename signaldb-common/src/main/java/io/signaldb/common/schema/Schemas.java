package io.signaldb.common.schema;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** All tables of {@code schemas.toml}, resolved and checked. Immutable; load it once. */
public final class Schemas {
  private final List<TableSchema> tables;

  private Schemas(List<TableSchema> tables) {
    this.tables = List.copyOf(tables);
  }

  /**
   * Reads the {@code schemas.toml} that was built into this module.
   *
   * @throws SignalDbException INTERNAL naming the table and column if the file contradicts itself
   */
  public static Schemas load() {
    try (InputStream in = Schemas.class.getResourceAsStream("schemas.toml")) {
      if (in == null) {
        throw new SignalDbException(
            ErrorCode.INTERNAL, "schemas.toml is missing beside " + Schemas.class.getName());
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads the text of a {@code schemas.toml}.
   *
   * @throws SignalDbException INTERNAL naming the table and column if the text contradicts itself
   */
  public static Schemas parse(String toml) {
    return new Schemas(SchemaFile.parse(toml));
  }

  /**
   * The table of that name, such as {@code traces}.
   *
   * @throws SignalDbException NOT_FOUND if there is none
   */
  public TableSchema table(String name) {
    for (TableSchema table : tables) {
      if (table.name().equals(name)) {
        return table;
      }
    }
    List<String> names = tables.stream().map(TableSchema::name).toList();
    throw new SignalDbException(
        ErrorCode.NOT_FOUND, "No table '%s': expected one of %s".formatted(name, names));
  }

  /** All tables in the order of the file. */
  public List<TableSchema> tables() {
    return tables;
  }
}
