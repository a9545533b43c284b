package io.signaldb.common.scan;

import io.signaldb.common.schema.TableSchema;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which storage columns a condition looks at. */
public final class ConditionColumns {
  private ConditionColumns() {}

  /** The columns in any order, those of every type where an attribute's type is not said. */
  public static Set<String> of(TableSchema schema, Condition condition) {
    return operands(condition)
        .flatMap(operand -> columns(schema, operand))
        .collect(Collectors.toSet());
  }

  private static Stream<String> columns(TableSchema schema, Operand operand) {
    if (operand instanceof Operand.ColumnRef column) {
      return Stream.of(column.storageColumn());
    }
    Operand.AttributeRef attribute = (Operand.AttributeRef) operand;
    return schema.attributes().locations(attribute.scope(), attribute.key()).stream()
        .map(location -> location.column());
  }

  private static Stream<Operand> operands(Condition condition) {
    if (condition instanceof Condition.And and) {
      return and.conditions().stream().flatMap(ConditionColumns::operands);
    }
    if (condition instanceof Condition.Or or) {
      return or.conditions().stream().flatMap(ConditionColumns::operands);
    }
    if (condition instanceof Condition.Not not) {
      return operands(not.condition());
    }
    if (condition instanceof Condition.Compare compare) {
      return Stream.of(compare.field());
    }
    if (condition instanceof Condition.Matches matches) {
      return Stream.of(matches.field());
    }
    if (condition instanceof Condition.In in) {
      return Stream.of(in.field());
    }
    if (condition instanceof Condition.Present present) {
      return Stream.of(present.field());
    }
    return Stream.of(((Condition.Structured) condition).field());
  }
}
