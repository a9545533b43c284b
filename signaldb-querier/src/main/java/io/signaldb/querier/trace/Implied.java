package io.signaldb.querier.trace;

import io.signaldb.common.scan.Condition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an expression about a span says of its row. Between the two conditions are the rows of which
 * only evaluation can tell; where both are the same there are none.
 *
 * @param necessary every row for which the expression is true fulfils it; null for no condition
 * @param sufficient for every row that fulfils it the expression is true; null for no row
 * @param share guess of the share of rows for which the expression is true
 */
public record Implied(@Nullable Condition necessary, @Nullable Condition sufficient, double share) {
  public Implied {
    necessary = Nesting.necessary(necessary);
    sufficient = Nesting.sufficient(sufficient);
  }

  /** Nothing. */
  static final Implied NOTHING = new Implied(null, null, 1);

  /** Of an expression that is true of every row. */
  static final Implied TRUE = new Implied(null, new Condition.And(List.of()), 1);

  /** Of an expression that is true of no row. */
  static final Implied FALSE = new Implied(new Condition.Or(List.of()), null, 0);

  /** The expression is true exactly where the condition is. */
  static Implied exactly(Condition condition, double share) {
    return new Implied(condition, condition, share);
  }

  /** Whether the conditions decide for every row. */
  public boolean isExact() {
    return sufficient != null
        && (necessary == null ? this.equals(TRUE) : necessary.equals(sufficient));
  }

  static Implied all(List<Implied> operands) {
    List<Condition> necessary = new ArrayList<>();
    List<Condition> sufficient = new ArrayList<>();
    double share = 1;
    for (Implied operand : operands) {
      addTo(necessary, operand.necessary);
      addTo(sufficient, operand.sufficient);
      share *= operand.share;
    }
    return new Implied(
        necessary.isEmpty() ? null : and(necessary),
        sufficient.size() < operands.size() ? null : and(sufficient),
        share);
  }

  static Implied any(List<Implied> operands) {
    List<Condition> necessary = new ArrayList<>();
    List<Condition> sufficient = new ArrayList<>();
    double share = 0;
    for (Implied operand : operands) {
      addTo(necessary, operand.necessary);
      addTo(sufficient, operand.sufficient);
      share += operand.share;
    }
    return new Implied(
        necessary.size() < operands.size() ? null : or(necessary),
        sufficient.isEmpty() ? null : or(sufficient),
        Math.min(share, 1));
  }

  /** Of the opposite. */
  Implied negated() {
    return new Implied(
        sufficient == null ? null : new Condition.Not(sufficient),
        necessary == null ? null : new Condition.Not(necessary),
        1 - share);
  }

  /** Of an expression that is true at most where this one is. */
  Implied atMost() {
    return new Implied(necessary, null, share);
  }

  static Condition and(List<Condition> conditions) {
    return conditions.size() == 1 ? conditions.get(0) : new Condition.And(conditions);
  }

  static Condition or(List<Condition> conditions) {
    return conditions.size() == 1 ? conditions.get(0) : new Condition.Or(conditions);
  }

  private static void addTo(List<Condition> conditions, @Nullable Condition condition) {
    if (condition != null) {
      conditions.add(condition);
    }
  }
}
