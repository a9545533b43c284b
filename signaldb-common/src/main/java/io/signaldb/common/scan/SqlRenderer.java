package io.signaldb.common.scan;

import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.TableSchema;

/**
 * Writes conditions as SQL over the storage columns of one table. Every value is bound, never part
 * of the text, and every name is quoted. Immutable.
 */
public final class SqlRenderer {
  public SqlRenderer(TableSchema table) {}

  /**
   * The condition as a boolean SQL expression.
   *
   * @throws SignalDbException INVALID_ARGUMENT for a column the table does not have, or whose type
   *     the literal does not fit
   */
  public Sql render(Condition condition) {
    throw new UnsupportedOperationException();
  }
}
