package io.signaldb.acceptor.receive;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code grpc-timeout} header: up to eight digits and a unit. */
final class GrpcTimeout {
  private static final Pattern FORM = Pattern.compile("(\\d{1,8})([HMSmun])");
  private static final Map<String, ChronoUnit> UNITS =
      Map.of(
          "H", ChronoUnit.HOURS,
          "M", ChronoUnit.MINUTES,
          "S", ChronoUnit.SECONDS,
          "m", ChronoUnit.MILLIS,
          "u", ChronoUnit.MICROS,
          "n", ChronoUnit.NANOS);

  private GrpcTimeout() {}

  /**
   * The timeout a client asks for, cut to {@code longest}.
   *
   * @throws SignalDbException INVALID_ARGUMENT if it is malformed
   */
  static Duration parse(@Nullable String header, Duration longest) {
    if (header == null) {
      return longest;
    }
    Matcher form = FORM.matcher(header);
    ChronoUnit unit = form.matches() ? UNITS.get(form.group(2)) : null;
    if (unit == null) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "grpc-timeout is '%s', expected up to 8 digits and one of H M S m u n".formatted(header));
    }
    Duration asked = Duration.of(Long.parseLong(form.group(1)), unit);
    return asked.compareTo(longest) < 0 ? asked : longest;
  }
}
