package io.signaldb.common.scan;

/** How two values are compared. Text is compared by code point, {@code false < true}. */
public enum ComparisonOperator {
  EQUAL("="),
  NOT_EQUAL("<>"),
  LESS("<"),
  LESS_OR_EQUAL("<="),
  GREATER(">"),
  GREATER_OR_EQUAL(">=");

  private final String sql;

  ComparisonOperator(String sql) {
    this.sql = sql;
  }

  String sql() {
    return sql;
  }
}
