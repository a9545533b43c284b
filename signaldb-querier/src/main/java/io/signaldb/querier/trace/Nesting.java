package io.signaldb.querier.trace;

import io.signaldb.common.scan.Condition;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how deep conditions are nested: the engine refuses SQL with many levels of parentheses,
 * and evaluation makes up for what is left out.
 */
final class Nesting {
  private static final int MAX_LEVELS = 12;

  private Nesting() {}

  /** A condition that follows from this one and is not too deep; null if nothing is left. */
  static @Nullable Condition necessary(@Nullable Condition condition) {
    return condition == null ? null : weakened(condition, MAX_LEVELS);
  }

  /** The condition, or null if it is too deep. */
  static @Nullable Condition sufficient(@Nullable Condition condition) {
    return condition != null && fits(condition, MAX_LEVELS) ? condition : null;
  }

  private static @Nullable Condition weakened(Condition condition, int levels) {
    if (fits(condition, levels)) {
      return condition;
    }
    if (levels > 0 && condition instanceof Condition.And and) {
      List<Condition> kept =
          and.conditions().stream()
              .map(each -> weakened(each, levels - 1))
              .filter(Objects::nonNull)
              .toList();
      return kept.isEmpty() ? null : Implied.and(kept);
    }
    return null;
  }

  private static boolean fits(Condition condition, int levels) {
    if (condition instanceof Condition.And and) {
      return levels > 0 && and.conditions().stream().allMatch(each -> fits(each, levels - 1));
    }
    if (condition instanceof Condition.Or or) {
      return levels > 0 && or.conditions().stream().allMatch(each -> fits(each, levels - 1));
    }
    return !(condition instanceof Condition.Not not)
        || (levels > 0 && fits(not.condition(), levels - 1));
  }
}
