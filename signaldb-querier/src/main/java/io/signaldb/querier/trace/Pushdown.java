package io.signaldb.querier.trace;

import io.signaldb.common.scan.Condition;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Logical;
import io.signaldb.querier.traceql.SpansetExpression;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the engine can check of a query: a condition that every matching trace fulfils with at least
 * one span. It may admit traces that do not match, and never misses one that does.
 *
 * @param where on one span of the trace; null for any span
 * @param ofRoot true if that span is the root, which may lie outside the time range asked for
 * @param share guess of the share of spans that fulfil it
 */
public record Pushdown(@Nullable Condition where, boolean ofRoot, double share) {
  public Pushdown {
    where = Nesting.necessary(where);
  }

  private static final Pushdown NOTHING = new Pushdown(null, false, 1);

  /** A guess: a tenth of the spans are roots. */
  private static final double SHARE_OF_ROOTS = 0.1;

  /** The most selective of the conditions that follow from a query. */
  public static Pushdown of(SpansetExpression spansets) {
    if (spansets instanceof SpansetExpression.Filter filter) {
      Implied ofSpan = SpanConditions.ofSpan(filter.condition());
      return moreSelective(
          new Pushdown(ofSpan.necessary(), false, ofSpan.share()), ofRoot(filter.condition()));
    }
    if (spansets instanceof SpansetExpression.Combination sides) {
      Pushdown left = of(sides.left());
      Pushdown right = of(sides.right());
      return sides.both() ? moreSelective(left, right) : either(left, right);
    }
    if (spansets instanceof SpansetExpression.Structural structural) {
      Pushdown right = of(structural.right());
      return structural.form() == SpansetExpression.Structural.Form.NEGATED
          ? right
          : moreSelective(of(structural.left()), right);
    }
    if (spansets instanceof SpansetExpression.Pipeline pipeline) {
      return pipeline.stages().stream()
          .map(Pushdown::of)
          .reduce(Pushdown::moreSelective)
          .orElse(NOTHING);
    }
    if (spansets instanceof SpansetExpression.ScalarFilter filter) {
      return Stream.concat(filter.left().pipelines(), filter.right().pipelines())
          .map(Pushdown::of)
          .reduce(Pushdown::either)
          .orElse(NOTHING);
    }
    return NOTHING;
  }

  /** From what a conjunction asks of the trace's root. */
  private static Pushdown ofRoot(FieldExpression condition) {
    List<FieldExpression> operands =
        condition instanceof Logical logical && logical.conjunction()
            ? logical.operands()
            : List.of(condition);
    List<Condition> where = new ArrayList<>();
    double share = SHARE_OF_ROOTS;
    for (FieldExpression operand : operands) {
      Implied implied = SpanConditions.ofRoot(operand);
      if (implied.necessary() != null) {
        where.add(implied.necessary());
        share *= implied.share();
      }
    }
    if (where.isEmpty()) {
      return NOTHING;
    }
    where.add(SpanConditions.isRoot());
    return new Pushdown(new Condition.And(where), true, share);
  }

  private static Pushdown moreSelective(Pushdown a, Pushdown b) {
    return b.share < a.share ? b : a;
  }

  private static Pushdown either(Pushdown a, Pushdown b) {
    return a.where == null || b.where == null
        ? NOTHING
        : new Pushdown(
            new Condition.Or(List.of(a.where, b.where)),
            a.ofRoot || b.ofRoot,
            Math.min(a.share + b.share, 1));
  }

  /**
   * The spans to ask, where only those of a time range match: the root may have begun long before,
   * if it lasts until the range begins or nearly so.
   */
  Pushdown within(TimeRange range) {
    long reach = range.widenedBy(WholeTraces.SLACK).startUnixNano();
    if (!ofRoot || where == null || reach == Long.MIN_VALUE) {
      return this;
    }
    return new Pushdown(
        new Condition.And(List.of(where, SpanConditions.lastsUntil(reach))), ofRoot, share);
  }

  /** Where the spans are that {@link #within} asks. */
  TimeRange range(TimeRange range) {
    return ofRoot
        ? new TimeRange(
            range.widenedBy(WholeTraces.REACH).startUnixNano(),
            range.widenedBy(WholeTraces.SLACK).endUnixNano())
        : range;
  }

  /** The same of traces that last at most so long. */
  Pushdown inTraceOfAtMost(long nanos) {
    Condition shorter = SpanConditions.inTraceOfAtMost(nanos);
    return new Pushdown(
        where == null ? shorter : new Condition.And(List.of(where, shorter)), ofRoot, share);
  }
}
