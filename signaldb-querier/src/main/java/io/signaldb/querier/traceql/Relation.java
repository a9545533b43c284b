package io.signaldb.querier.traceql;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a span on the right of a structural operator is to one on its left. Spans relate through the
 * parents that are there: what hangs on a parent that is missing relates to nothing above.
 */
public enum Relation {
  CHILD(">") {
    @Override
    Predicate<SpanView> to(Collection<? extends SpanView> left) {
      Set<SpanView> parents = Spansets.set(left);
      return span -> isIn(parents, span.parent());
    }
  },
  PARENT("<") {
    @Override
    Predicate<SpanView> to(Collection<? extends SpanView> left) {
      Set<SpanView> parents = Spansets.set();
      left.forEach(span -> addTo(parents, span.parent()));
      return parents::contains;
    }
  },
  DESCENDANT(">>") {
    @Override
    Predicate<SpanView> to(Collection<? extends SpanView> left) {
      Set<SpanView> ancestors = Spansets.set(left);
      IdentityHashMap<SpanView, Boolean> known = new IdentityHashMap<>();
      return span -> isBelow(ancestors, span, known);
    }
  },
  ANCESTOR("<<") {
    @Override
    Predicate<SpanView> to(Collection<? extends SpanView> left) {
      Set<SpanView> ancestors = Spansets.set();
      for (SpanView span : left) {
        SpanView ancestor = span.parent();
        while (ancestor != null && ancestors.add(ancestor)) {
          ancestor = ancestor.parent();
        }
      }
      return ancestors::contains;
    }
  },
  SIBLING("~") {
    @Override
    Predicate<SpanView> to(Collection<? extends SpanView> left) {
      IdentityHashMap<SpanView, Integer> children = new IdentityHashMap<>();
      Set<SpanView> lefts = Spansets.set(left);
      for (SpanView span : lefts) {
        SpanView parent = span.parent();
        if (parent != null) {
          children.merge(parent, 1, Integer::sum);
        }
      }
      return span -> {
        SpanView parent = span.parent();
        int others = lefts.contains(span) ? 1 : 0;
        return parent != null && children.getOrDefault(parent, 0) > others;
      };
    }
  };

  private final String symbol;

  Relation(String symbol) {
    this.symbol = symbol;
  }

  /** The operator in a query, without the sign of its negated or union form. */
  public String symbol() {
    return symbol;
  }

  /** Whether a span is this to at least one of {@code left}. */
  abstract Predicate<SpanView> to(Collection<? extends SpanView> left);

  /** What the left span is to the right one. */
  Relation inverse() {
    return switch (this) {
      case CHILD -> PARENT;
      case PARENT -> CHILD;
      case DESCENDANT -> ANCESTOR;
      case ANCESTOR -> DESCENDANT;
      case SIBLING -> SIBLING;
    };
  }

  private static boolean isIn(Set<SpanView> spans, @Nullable SpanView span) {
    return span != null && spans.contains(span);
  }

  private static void addTo(Set<SpanView> spans, @Nullable SpanView span) {
    if (span != null) {
      spans.add(span);
    }
  }

  /**
   * @param known the answer for spans looked at before; makes looking at all spans of a deep trace
   *     linear
   */
  private static boolean isBelow(
      Set<SpanView> ancestors, SpanView span, IdentityHashMap<SpanView, Boolean> known) {
    List<SpanView> path = new ArrayList<>();
    SpanView below = span;
    Boolean answer = known.get(below);
    while (answer == null) {
      path.add(below);
      SpanView parent = below.parent();
      if (parent == null) {
        answer = false;
      } else if (ancestors.contains(parent)) {
        answer = true;
      } else {
        answer = known.get(parent);
        below = parent;
      }
    }
    for (SpanView passed : path) {
      known.put(passed, answer);
    }
    return answer;
  }
}
