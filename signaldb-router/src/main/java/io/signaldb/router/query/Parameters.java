package io.signaldb.router.query;

import com.linecorp.armeria.common.QueryParams;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
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
      Pattern.compile("([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w)");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?([0-9]{1,40}\\.?[0-9]{0,40}|\\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?");
  private static final Pattern INTEGER = Pattern.compile("[0-9]+");

  /** Longest number of digits that still means seconds; longer ones are nanoseconds. */
  private static final int SECONDS_DIGITS = 10;

  /** Times and durations are below half of what a long holds, so that sums of two fit. */
  private static final long MAX_NANOS = Long.MAX_VALUE / 2;

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

  /** The text under the first of the names that has one. */
  public @Nullable String text(String name, String otherName) {
    String value = text(name);
    return value == null ? text(otherName) : value;
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

  /** A duration in nanoseconds as Go writes one, or a number of seconds; null for none. */
  public @Nullable Long secondsOrDuration(String name) {
    String value = text(name);
    if (value == null) {
      return null;
    }
    Long seconds = decimalSeconds(value);
    return seconds == null ? duration(name, value) : seconds;
  }

  /** A duration in nanoseconds as Go or Prometheus write one ({@code 90m}, {@code 7d}). */
  public @Nullable Long durationNanos(String name) {
    String value = text(name);
    return value == null ? null : duration(name, value);
  }

  /**
   * A time in Unix nanoseconds: seconds with or without fraction, nanoseconds, or RFC 3339; null
   * for none.
   */
  public @Nullable Long timestampNanos(String name) {
    String value = text(name);
    if (value == null) {
      return null;
    }
    Long nanos =
        INTEGER.matcher(value).matches() && value.length() > SECONDS_DIGITS
            ? decimalNanos(value, 0)
            : decimalSeconds(value);
    if (nanos == null) {
      nanos = rfc3339(value);
    }
    if (nanos == null || nanos < 0 || nanos > MAX_NANOS) {
      throw invalid(
          name,
          value,
          "a time in Unix seconds (1700000000, 1700000000.5), nanoseconds, or RFC 3339, until %s"
              .formatted(Instant.ofEpochSecond(TimeUnit.NANOSECONDS.toSeconds(MAX_NANOS))));
    }
    return nanos;
  }

  private static @Nullable Long rfc3339(String value) {
    try {
      Instant time = OffsetDateTime.parse(value).toInstant();
      return time.getEpochSecond() > TimeUnit.NANOSECONDS.toSeconds(MAX_NANOS)
          ? null
          : Long.valueOf(ChronoUnit.NANOS.between(Instant.EPOCH, time));
    } catch (DateTimeException | ArithmeticException e) {
      return null; // answered like every other text that is no time
    }
  }

  private static @Nullable Long decimalSeconds(String value) {
    return decimalNanos(value, 9);
  }

  /** The number times ten to the power of {@code shift}; null if it is none or does not fit. */
  private static @Nullable Long decimalNanos(String value, int shift) {
    if (!DECIMAL.matcher(value).matches()) {
      return null;
    }
    BigDecimal nanos = new BigDecimal(value).movePointRight(shift);
    return nanos.abs().compareTo(BigDecimal.valueOf(MAX_NANOS)) > 0
        ? null
        : Long.valueOf(nanos.setScale(0, RoundingMode.DOWN).longValueExact());
  }

  private static Long duration(String name, String value) {
    String expected = "a duration such as 100ms, 1.5s or 1m30s";
    Matcher part = DURATION_PART.matcher(value);
    BigDecimal nanos = BigDecimal.ZERO;
    int position = 0;
    while (part.find() && part.start() == position) {
      BigDecimal unit = BigDecimal.valueOf(unitNanos(part.group(2)));
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(unit));
      position = part.end();
    }
    if (position == 0 || position != value.length() || nanos.precision() - nanos.scale() > 18) {
      throw invalid(name, value, expected);
    }
    return nanos.setScale(0, RoundingMode.DOWN).longValueExact();
  }

  private static long unitNanos(String symbol) {
    return switch (symbol) {
      case "ns" -> 1;
      case "ms" -> TimeUnit.MILLISECONDS.toNanos(1);
      case "s" -> TimeUnit.SECONDS.toNanos(1);
      case "m" -> TimeUnit.MINUTES.toNanos(1);
      case "h" -> TimeUnit.HOURS.toNanos(1);
      case "d" -> TimeUnit.DAYS.toNanos(1);
      case "w" -> TimeUnit.DAYS.toNanos(7);
      default -> TimeUnit.MICROSECONDS.toNanos(1); // three spellings
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
