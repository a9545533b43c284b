package io.signaldb.router.query;

import com.linecorp.armeria.common.QueryParams;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of a request. Every method refuses a malformed value with INVALID_ARGUMENT,
 * naming the parameter, the value and what was expected. An empty value is as good as none.
 */
public final class Parameters {
  private static final long MAX_SECONDS = 0xFFFF_FFFFL;
  private static final Pattern DURATION_PART =
      Pattern.compile("([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)");
  private final QueryParams parameters;

  public Parameters(QueryParams parameters) {
    this.parameters = parameters;
  }

  /** Unix seconds, the start before the end; both null where the request names no range. */
  public record TimeRange(@Nullable Long startSeconds, @Nullable Long endSeconds) {
    static final TimeRange NONE = new TimeRange(null, null);
  }

  public @Nullable String text(String name) {
    String value = parameters.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  /** An integer from {@code min} to {@code max}; null where there is none. */
  public @Nullable Integer integer(String name, int min, int max) {
    String value = text(name);
    return value == null
        ? null
        : Integer.valueOf(
            (int) parse(name, value, min, max, "an integer from " + min + " to " + max));
  }

  /** {@code start} and {@code end}, both or neither; zeros are as good as none. */
  public TimeRange timeRange() {
    String start = text("start");
    String end = text("end");
    if (start == null && end == null) {
      return TimeRange.NONE;
    }
    if (end == null) {
      throw invalid("start '%s' without end: expected both or neither".formatted(start));
    }
    if (start == null) {
      throw invalid("end '%s' without start: expected both or neither".formatted(end));
    }
    long startSeconds = seconds("start", start);
    long endSeconds = seconds("end", end);
    if (startSeconds == 0 && endSeconds == 0) {
      return TimeRange.NONE;
    }
    if (startSeconds >= endSeconds) {
      throw invalid("start must be before end, received start=%s end=%s".formatted(start, end));
    }
    return new TimeRange(startSeconds, endSeconds);
  }

  private static long seconds(String name, String value) {
    return parse(name, value, 0, MAX_SECONDS, "Unix seconds as an integer");
  }

  /**
   * A duration in nanoseconds, as Go writes one ({@code 1m30s}, {@code 1.5ms}) under {@code name},
   * or as an integer of nanoseconds under {@code nanosName}; null where there is neither.
   */
  public @Nullable Long durationNanos(String name, String nanosName) {
    String value = text(name);
    if (value != null) {
      return duration(name, value);
    }
    String nanos = text(nanosName);
    if (nanos == null) {
      return null;
    }
    return nanos.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Long.valueOf(parse(nanosName, nanos, 0, Long.MAX_VALUE, "nanoseconds"))
        : duration(nanosName, nanos);
  }

  private static Long duration(String name, String value) {
    String expected = "a duration such as 100ms, 1.5s or 1m30s";
    Matcher part = DURATION_PART.matcher(value);
    BigDecimal nanos = BigDecimal.ZERO;
    int position = 0;
    while (part.find() && part.start() == position) {
      BigDecimal unit = BigDecimal.valueOf(unit(part.group(2)).toNanos(1));
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(unit));
      position = part.end();
    }
    if (position == 0 || position != value.length() || nanos.precision() - nanos.scale() > 18) {
      throw invalid(name, value, expected);
    }
    return nanos.setScale(0, RoundingMode.DOWN).longValueExact();
  }

  private static TimeUnit unit(String symbol) {
    return switch (symbol) {
      case "ns" -> TimeUnit.NANOSECONDS;
      case "ms" -> TimeUnit.MILLISECONDS;
      case "s" -> TimeUnit.SECONDS;
      case "m" -> TimeUnit.MINUTES;
      case "h" -> TimeUnit.HOURS;
      default -> TimeUnit.MICROSECONDS; // three spellings
    };
  }

  private static long parse(String name, String value, long min, long max, String expected) {
    try {
      long number = Long.parseLong(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Answered below like a number out of range.
    }
    throw invalid(name, value, expected);
  }

  static SignalDbException invalid(String name, String value, String expected) {
    return invalid("invalid %s '%s': expected %s".formatted(name, shortened(value), expected));
  }

  static SignalDbException invalid(String message) {
    return new SignalDbException(ErrorCode.INVALID_ARGUMENT, message);
  }

  private static String shortened(String value) {
    String shown = value.length() > 80 ? value.substring(0, 80) + "…" : value;
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}
