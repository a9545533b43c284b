package io.signaldb.common.schema;

import io.signaldb.common.error.SignalDbException;
import java.util.List;

/** All tables of {@code schemas.toml}, resolved and checked. Immutable; load it once. */
public final class Schemas {
  private Schemas() {}

  /**
   * Reads the {@code schemas.toml} that was built into this module.
   *
   * @throws SignalDbException INTERNAL naming the table and column if the file contradicts itself
   */
  public static Schemas load() {
    return new Schemas();
  }

  /**
   * The table of that name, such as {@code traces}.
   *
   * @throws SignalDbException NOT_FOUND if there is none
   */
  public TableSchema table(String name) {
    throw new UnsupportedOperationException();
  }

  /** All tables in the order of the file. */
  public List<TableSchema> tables() {
    throw new UnsupportedOperationException();
  }
}
