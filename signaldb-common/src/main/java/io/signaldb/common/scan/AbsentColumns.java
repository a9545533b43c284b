package io.signaldb.common.scan;

import io.signaldb.common.schema.AttributeType;
import io.signaldb.common.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What conditions come to over rows that have only some of the table's columns: files are written
 * without columns that have no value in them. Immutable.
 */
public final class AbsentColumns {
  /** The condition that no row fulfils. */
  public static final Condition NONE = new Condition.Or(List.of());

  /** The condition that every row fulfils. */
  public static final Condition ALL = new Condition.And(List.of());

  private final TableSchema schema;
  private final Set<String> present;

  /**
   * @param present the storage columns there are; in all others every row is null
   */
  public AbsentColumns(TableSchema schema, Set<String> present) {
    this.schema = schema;
    this.present = Set.copyOf(present);
  }

  /** A condition true of the same rows; {@link #NONE} or {@link #ALL} where that is known. */
  public Condition simplify(Condition condition) {
    if (condition instanceof Condition.And and) {
      List<Condition> left = simplified(and.conditions(), ALL);
      return left.contains(NONE) ? NONE : left.size() == 1 ? left.get(0) : new Condition.And(left);
    }
    if (condition instanceof Condition.Or or) {
      List<Condition> left = simplified(or.conditions(), NONE);
      return left.contains(ALL) ? ALL : left.size() == 1 ? left.get(0) : new Condition.Or(left);
    }
    if (condition instanceof Condition.Not not) {
      Condition opposite = simplify(not.condition());
      return opposite.equals(NONE)
          ? ALL
          : opposite.equals(ALL) ? NONE : new Condition.Not(opposite);
    }
    return columns(condition).anyMatch(present::contains) ? condition : NONE;
  }

  private List<Condition> simplified(List<Condition> conditions, Condition without) {
    List<Condition> simplified = new ArrayList<>();
    for (Condition condition : conditions) {
      Condition simple = simplify(condition);
      if (!simple.equals(without)) {
        simplified.add(simple);
      }
    }
    return simplified;
  }

  /** The columns of which one must have a value where the condition is true. */
  private Stream<String> columns(Condition condition) {
    if (condition instanceof Condition.Compare compare) {
      return Stream.of(column(compare.field(), compare.value().attributeType()));
    }
    if (condition instanceof Condition.Matches matches) {
      return Stream.of(column(matches.field(), AttributeType.STRING));
    }
    if (condition instanceof Condition.In in) {
      return in.values().stream().map(value -> column(in.field(), value.attributeType()));
    }
    if (condition instanceof Condition.Structured structured) {
      return Stream.of(column(structured.field(), AttributeType.JSON));
    }
    return ConditionColumns.of(schema, condition).stream();
  }

  private String column(Operand field, AttributeType type) {
    return field instanceof Operand.AttributeRef attribute
        ? schema.attributes().locate(attribute.scope(), attribute.key(), type).column()
        : ((Operand.ColumnRef) field).storageColumn();
  }
}
