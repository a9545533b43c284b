package io.signaldb.querier.trace;

import io.signaldb.common.scan.ComparisonOperator;
import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Literal;
import io.signaldb.common.scan.Operand;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Logical;
import io.signaldb.querier.traceql.SpansetExpression;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the engine can check of a query: a condition that every matching trace fulfils with at least
 * one span. It may admit traces that do not match, and never misses one that does.
 *
 * @param where on one span of the trace; null for any span
 * @param ofRoot true if that span is the root, which may lie outside the time range asked for
 * @param share guess of the share of spans that fulfil it
 */
record Pushdown(@Nullable Condition where, boolean ofRoot, double share) {
  private static final Pushdown NOTHING = new Pushdown(null, false, 1);

  /** A guess: a tenth of the spans are roots. */
  private static final double SHARE_OF_ROOTS = 0.1;

  /** The most selective of the conditions that follow from a query. */
  static Pushdown of(SpansetExpression spansets) {
    if (spansets instanceof SpansetExpression.Filter filter) {
      Implied ofSpan = new SpanConditions(SpanConditions::spanColumn).of(filter.condition());
      return moreSelective(
          new Pushdown(ofSpan.where(), false, ofSpan.share()), ofRoot(filter.condition()));
    }
    SpansetExpression.Combination sides = (SpansetExpression.Combination) spansets;
    Pushdown left = of(sides.left());
    Pushdown right = of(sides.right());
    if (sides.both()) {
      return moreSelective(left, right);
    }
    return left.where == null || right.where == null
        ? NOTHING
        : new Pushdown(
            new Condition.Or(List.of(left.where, right.where)),
            left.ofRoot || right.ofRoot,
            left.share + right.share);
  }

  /** From what a conjunction asks of the trace's root. */
  private static Pushdown ofRoot(FieldExpression condition) {
    List<FieldExpression> operands =
        condition instanceof Logical logical && logical.conjunction()
            ? logical.operands()
            : List.of(condition);
    SpanConditions conditions = new SpanConditions(SpanConditions::rootColumn);
    List<Condition> where = new ArrayList<>();
    double share = SHARE_OF_ROOTS;
    for (FieldExpression operand : operands) {
      Implied implied = conditions.of(operand);
      if (implied.where() != null) {
        where.add(implied.where());
        share *= implied.share();
      }
    }
    if (where.isEmpty()) {
      return NOTHING;
    }
    where.add(
        new Condition.Compare(
            new Operand.ColumnRef("is_root"), ComparisonOperator.EQUAL, new Literal.Bool(true)));
    return new Pushdown(new Condition.And(where), true, share);
  }

  private static Pushdown moreSelective(Pushdown a, Pushdown b) {
    return b.share < a.share ? b : a;
  }

  /**
   * What follows for one span from an expression being true.
   *
   * @param where null for nothing
   * @param exact whether the expression follows from it in turn
   */
  record Implied(@Nullable Condition where, boolean exact, double share) {
    static final Implied NOTHING = new Implied(null, false, 1);
  }
}
