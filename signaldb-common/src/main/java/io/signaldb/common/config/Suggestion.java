package io.signaldb.common.config;

import java.util.Collection;
import java.util.Comparator;

/** "Did you mean" for a name nobody knows. */
final class Suggestion {
  private Suggestion() {}

  /** The end of an error message; empty when nothing known is close. */
  static String of(String unknown, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt((String k) -> distance(unknown, k)).thenComparing(k -> k))
        .filter(k -> close(unknown, k))
        .map(k -> "; did you mean " + k + "?")
        .orElse("");
  }

  private static boolean close(String unknown, String known) {
    return distance(unknown, known) <= Math.max(2, unknown.length() / 3)
        || unknown.startsWith(known)
        || known.startsWith(unknown);
  }

  /** Edits that turn one name into the other (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
