package io.signaldb.common.scan;

import java.util.List;

/**
 * SQL text with its parameters.
 *
 * @param params values of {@code $1}, {@code $2}, …: String, Long, Double or Boolean
 */
public record Sql(String text, List<Object> params) {
  public Sql {
    params = List.copyOf(params);
  }
}
