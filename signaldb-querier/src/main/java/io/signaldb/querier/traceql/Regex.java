package io.signaldb.querier.traceql;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * An RE2 regular expression that must match the whole text; a dot matches line breaks too, as in
 * Tempo. Linear time: no expression can make a query run away.
 */
public final class Regex {
  private final Pattern pattern;

  /** Atoms after all counted repetitions are written out. */
  private static final long MAX_SIZE = 10_000;

  private Regex(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * @throws PatternSyntaxException if {@code expression} is not RE2, or repeats so much that its
   *     program would not fit into memory
   */
  static Regex compile(String expression) {
    if (RegexSize.of(expression) > MAX_SIZE + expression.length()) {
      throw new PatternSyntaxException("invalid repeat count: the expression is too large");
    }
    return new Regex(Pattern.compile(expression, Pattern.DOTALL));
  }

  /** The expression as written in the query. */
  public String expression() {
    return pattern.pattern();
  }

  /** Whether the expression matches all of {@code text}. */
  public boolean matches(String text) {
    return pattern.matches(text);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Regex regex && regex.expression().equals(expression());
  }

  @Override
  public int hashCode() {
    return expression().hashCode();
  }

  @Override
  public String toString() {
    return expression();
  }
}
