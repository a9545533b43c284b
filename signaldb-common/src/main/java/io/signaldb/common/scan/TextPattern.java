package io.signaldb.common.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a plain regular expression asks of a whole text: where it has a literal. The engine answers
 * these without its regular expressions, and prunes files by them.
 */
record TextPattern(Kind kind, String literal) {
  /** A dot matches line breaks within. */
  private static final String DOT_ALL = "(?s:";

  private static final String ANYTHING = ".*";

  enum Kind {
    IS("%s = %s"),
    STARTS("starts_with(%s, %s)"),
    ENDS("ends_with(%s, %s)"),
    CONTAINS("contains(%s, %s)");

    private final String sql;

    Kind(String sql) {
      this.sql = sql;
    }
  }

  /** As a boolean SQL expression. */
  String sql(String text, String literalSql) {
    return kind.sql.formatted(text, literalSql);
  }

  /**
   * The patterns of which a text must fulfil one to be matched as a whole.
   *
   * @param regex in RE2 syntax
   * @return empty if the expression asks for more than literals
   */
  static Optional<List<TextPattern>> alternatives(String regex) {
    boolean dotAll = regex.startsWith(DOT_ALL) && regex.endsWith(")");
    String inner = dotAll ? regex.substring(DOT_ALL.length(), regex.length() - 1) : regex;
    List<TextPattern> patterns = new ArrayList<>();
    for (String alternative : inner.split("\\|", -1)) {
      Optional<TextPattern> pattern = of(alternative, dotAll);
      if (pattern.isEmpty()) {
        return Optional.empty();
      }
      patterns.add(pattern.get());
    }
    return Optional.of(patterns);
  }

  private static Optional<TextPattern> of(String regex, boolean dotAll) {
    boolean openStart = dotAll && regex.startsWith(ANYTHING);
    String left = openStart ? regex.substring(ANYTHING.length()) : regex;
    boolean openEnd = dotAll && left.endsWith(ANYTHING) && !left.endsWith("\\" + ANYTHING);
    left = openEnd ? left.substring(0, left.length() - ANYTHING.length()) : left;
    Kind kind = openStart ? openEnd ? Kind.CONTAINS : Kind.ENDS : openEnd ? Kind.STARTS : Kind.IS;
    return literal(left).map(literal -> new TextPattern(kind, literal));
  }

  /** What the expression matches and nothing else; empty if it matches more than one text. */
  private static Optional<String> literal(String regex) {
    StringBuilder literal = new StringBuilder();
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '\\' && i + 1 < regex.length() && isPunctuation(regex.charAt(i + 1))) {
        literal.append(regex.charAt(++i));
      } else if ("\\^$.|?*+()[]{}".indexOf(c) >= 0) {
        return Optional.empty();
      } else {
        literal.append(c);
      }
    }
    return Optional.of(literal.toString());
  }

  private static boolean isPunctuation(char c) {
    return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
  }
}
