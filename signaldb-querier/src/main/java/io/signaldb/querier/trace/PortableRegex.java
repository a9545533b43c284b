package io.signaldb.querier.trace;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * RE2 expressions in a form that the engine's regular expressions read the same way. The engine's
 * {@code \d}, {@code \s} and {@code \w} know all of Unicode, RE2's only ASCII; other escapes, and
 * what only one of the two has, are not translated.
 */
final class PortableRegex {
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<class>\\[\\^?(?:[\\w ./:,;@#%_=<>!\"'-]|\\\\[dsw]|\\\\[^\\p{Alnum}\\s])+\\])"
              + "|(?<escape>\\\\[dsw])"
              + "|\\\\[^\\p{Alnum}\\s]"
              + "|\\(\\?(?:i\\)|:|i:)"
              + "|\\{\\d+(?:,\\d*)?\\}"
              + "|[^\\\\\\[\\]{}(]|\\((?!\\?)");

  private PortableRegex() {}

  /** The expression for the engine, with a dot that matches line breaks; empty if there is none. */
  static Optional<String> of(String re2) {
    StringBuilder portable = new StringBuilder("(?s:");
    Matcher token = TOKEN.matcher(re2);
    int end = 0;
    while (end < re2.length()) {
      if (!token.region(end, re2.length()).lookingAt()) {
        return Optional.empty();
      }
      if (token.group("class") != null) {
        if (token.group().contains("--")) {
          return Optional.empty();
        }
        portable.append(explicit(token.group(), "", ""));
      } else if (token.group("escape") != null) {
        portable.append(explicit(token.group(), "[", "]"));
      } else {
        portable.append(token.group());
      }
      end = token.end();
    }
    return Optional.of(portable.append(')').toString());
  }

  private static String explicit(String text, String before, String after) {
    return text.replace("\\d", before + "0-9" + after)
        .replace("\\s", before + "\\t\\n\\f\\r " + after)
        .replace("\\w", before + "0-9A-Za-z_" + after);
  }
}
