package io.signaldb.common.schema;

/** A value SQL computes from a column of nanoseconds since the epoch when rows are stored. */
enum Computation {
  TIMESTAMP_FROM_NANOS("arrow_cast(%s / 1000, 'Timestamp(Microsecond, None)')"),
  DATE_FROM_NANOS("arrow_cast(arrow_cast(%s / 86400000000000, 'Int32'), 'Date32')"),
  HOUR_FROM_NANOS("arrow_cast(%s / 3600000000000 %% 24, 'Int32')");

  private final String sql;

  Computation(String sql) {
    this.sql = sql;
  }

  String sql(String quotedColumn) {
    return sql.formatted(quotedColumn);
  }
}
