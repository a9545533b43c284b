package io.signaldb.querier.traceql;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Estimates how large a regular expression becomes when {@code x{1000}} is written out as a
 * thousand times {@code x}, which is what RE2/J does before it looks at the size. Repetitions
 * inside one another multiply.
 */
final class RegexSize {
  private static final long ENOUGH = Long.MAX_VALUE >> 16;
  private static final Pattern COUNT = Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?\\}");

  private final Deque<Long> outer = new ArrayDeque<>();
  private long size;
  private long lastAtom;

  private RegexSize() {}

  /** The number of atoms; of what is no regular expression, any number. */
  static long of(String expression) {
    return new RegexSize().read(expression);
  }

  private long read(String expression) {
    Matcher count = COUNT.matcher(expression);
    int i = 0;
    while (i < expression.length()) {
      char c = expression.charAt(i);
      if (c == '(') {
        outer.push(size);
        size = 0;
      } else if (c == ')' && !outer.isEmpty()) {
        lastAtom = size;
        size = Math.min(ENOUGH, outer.pop() + lastAtom);
      } else if (c == '{' && count.region(i, expression.length()).lookingAt()) {
        repeat(count);
        i = count.end() - 1;
      } else {
        i = c == '\\' ? i + 1 : c == '[' ? endOfClass(expression, i) : i;
        lastAtom = 1;
        size++;
      }
      i++;
    }
    while (!outer.isEmpty()) {
      size = Math.min(ENOUGH, size + outer.pop());
    }
    return size;
  }

  private void repeat(Matcher count) {
    String most = count.group(2);
    long least = Long.parseLong(count.group(1));
    long times = Math.max(1, most == null || most.isEmpty() ? least : Long.parseLong(most));
    long more = Math.min(ENOUGH, saturated(lastAtom, times - 1));
    size = Math.min(ENOUGH, size + more);
    lastAtom = Math.min(ENOUGH, lastAtom + more);
  }

  private static long saturated(long a, long b) {
    return b != 0 && a > ENOUGH / b ? ENOUGH : a * b;
  }

  private static int endOfClass(String expression, int start) {
    int i = start + 1;
    i += i < expression.length() && expression.charAt(i) == '^' ? 1 : 0;
    i += i < expression.length() && expression.charAt(i) == ']' ? 1 : 0;
    while (i < expression.length() && expression.charAt(i) != ']') {
      i += expression.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(i, expression.length() - 1);
  }
}
