package io.signaldb.querier.traceql;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Selects spans of one trace. */
public sealed interface SpansetExpression {
  /**
   * The spans selected, in the order given and each once; empty if the trace does not match.
   *
   * @param trace all spans of one trace
   */
  <S extends SpanView> List<S> select(List<S> trace);

  /** The fields the selection depends on. */
  Stream<FieldExpression.Field> fields();

  /** {@code {condition}}; a filter without a condition holds the literal true. */
  record Filter(FieldExpression condition) implements SpansetExpression {
    @Override
    public <S extends SpanView> List<S> select(List<S> trace) {
      return trace.stream().filter(condition::matches).toList();
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return condition.fields();
    }
  }

  /**
   * {@code &&}: both sides select something in the trace; {@code ||}: one does. The result is what
   * the sides select together.
   *
   * @param both true for {@code &&}
   */
  record Combination(boolean both, SpansetExpression left, SpansetExpression right)
      implements SpansetExpression {
    @Override
    public <S extends SpanView> List<S> select(List<S> trace) {
      List<S> ofLeft = left.select(trace);
      if (both && ofLeft.isEmpty()) {
        return List.of();
      }
      List<S> ofRight = right.select(trace);
      if (ofRight.isEmpty()) {
        return both ? List.of() : ofLeft;
      }
      return ofLeft.isEmpty() ? ofRight : inOrder(trace, ofLeft, ofRight);
    }

    @Override
    public Stream<FieldExpression.Field> fields() {
      return Stream.concat(left.fields(), right.fields());
    }

    /** Both lists are subsequences of {@code trace} and hold its very objects. */
    private static <S> List<S> inOrder(List<S> trace, List<S> left, List<S> right) {
      List<S> union = new ArrayList<>(left.size() + right.size());
      int l = 0;
      int r = 0;
      for (S span : trace) {
        boolean inLeft = l < left.size() && left.get(l) == span;
        boolean inRight = r < right.size() && right.get(r) == span;
        if (inLeft || inRight) {
          union.add(span);
        }
        l += inLeft ? 1 : 0;
        r += inRight ? 1 : 0;
      }
      return union;
    }
  }
}
