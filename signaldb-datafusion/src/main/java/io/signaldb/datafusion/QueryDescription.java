package io.signaldb.datafusion;

import java.util.List;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What is known of an SQL query without its values.
 *
 * @param placeholders named {@code $1}, {@code $2} and so on, of the type their place in the query
 *     asks for; of type Null where any would do
 * @param answer a column whose type depends on a value has type Null
 */
public record QueryDescription(List<Field> placeholders, Schema answer) {
  public QueryDescription {
    placeholders = List.copyOf(placeholders);
  }
}
