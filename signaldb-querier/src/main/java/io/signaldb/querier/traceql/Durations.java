package io.signaldb.querier.traceql;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as Go and Prometheus write them: {@code 100ms}, {@code 1h30m}, {@code 1.5s}. */
public final class Durations {
  private static final Pattern PART =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h|d|w|y)");
  private static final Map<String, Long> NANOS =
      Map.ofEntries(
          Map.entry("ns", 1L),
          Map.entry("us", 1_000L),
          Map.entry("µs", 1_000L),
          Map.entry("μs", 1_000L),
          Map.entry("ms", 1_000_000L),
          Map.entry("s", 1_000_000_000L),
          Map.entry("m", 60_000_000_000L),
          Map.entry("h", 3_600_000_000_000L),
          Map.entry("d", 86_400_000_000_000L),
          Map.entry("w", 7 * 86_400_000_000_000L),
          Map.entry("y", 365 * 86_400_000_000_000L));

  private Durations() {}

  /** Nanoseconds of {@code text}, empty if it is no duration or longer than 292 years. */
  public static Optional<Long> parse(String text) {
    Matcher part = PART.matcher(text);
    BigDecimal sum = BigDecimal.ZERO;
    int end = 0;
    while (end < text.length() && part.region(end, text.length()).lookingAt()) {
      BigDecimal unit = BigDecimal.valueOf(NANOS.getOrDefault(part.group(2), 0L));
      sum = sum.add(new BigDecimal(part.group(1)).multiply(unit));
      end = part.end();
    }
    if (end == 0 || end < text.length() || sum.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      return Optional.empty();
    }
    return Optional.of(sum.setScale(0, RoundingMode.DOWN).longValueExact());
  }

  /** A text that {@link #parse} reads, after a sign, as {@code nanos}. */
  static String format(long nanos) {
    for (Map.Entry<String, Long> unit : List.of(unit("h"), unit("m"), unit("s"), unit("ms"))) {
      if (nanos != 0 && nanos % unit.getValue() == 0) {
        return nanos / unit.getValue() + unit.getKey();
      }
    }
    return nanos + "ns";
  }

  private static Map.Entry<String, Long> unit(String name) {
    return Map.entry(name, NANOS.getOrDefault(name, 1L));
  }

  static boolean isUnitPart(char c) {
    return "nsumhdwyµμ".indexOf(c) >= 0;
  }
}
