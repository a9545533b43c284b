package io.signaldb.common.flight;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.Failures;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.ErrorFlightMetadata;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.jspecify.annotations.Nullable;

/**
 * {@link SignalDbException} as a Flight status, and back. The status cannot tell all codes apart,
 * so the exact one travels beside it.
 */
public final class FlightErrors {
  private static final String CODE = "signaldb-error-code";
  private static final String RETRY_AFTER = "signaldb-retry-after-ms";

  private FlightErrors() {}

  /** What to hand to a Flight listener; an uncoded failure is logged and becomes INTERNAL. */
  public static FlightRuntimeException toFlight(Throwable failure) {
    if (failure instanceof FlightRuntimeException flight) {
      return flight;
    }
    SignalDbException coded = Failures.coded(failure);
    ErrorFlightMetadata metadata = new ErrorFlightMetadata();
    metadata.insert(CODE, coded.code().name());
    coded
        .retryAfter()
        .ifPresent(wait -> metadata.insert(RETRY_AFTER, Long.toString(wait.toMillis())));
    return coded
        .code()
        .flightStatus()
        .withDescription(coded.getMessage())
        .withCause(coded)
        .withMetadata(metadata)
        .toRuntimeException();
  }

  /**
   * What a Flight call failed with; a failure of the connection is UNAVAILABLE. Anything but a
   * Flight exception is treated as by {@link Failures#coded}.
   */
  public static SignalDbException fromFlight(Throwable failure) {
    if (!(failure instanceof FlightRuntimeException flight)) {
      return Failures.coded(failure);
    }
    CallStatus status = flight.status();
    ErrorFlightMetadata metadata = status.metadata();
    String description = status.description();
    String message = description == null ? "Flight call failed: " + status.code() : description;
    ErrorCode code = code(status.code(), text(metadata, CODE));
    String retryAfter = text(metadata, RETRY_AFTER);
    return retryAfter == null
        ? new SignalDbException(code, message, failure)
        : SignalDbException.retryLater(
            code, message, Duration.ofMillis(Long.parseLong(retryAfter)));
  }

  private static @Nullable String text(@Nullable ErrorFlightMetadata metadata, String key) {
    return metadata == null || !metadata.containsKey(key) ? null : metadata.get(key);
  }

  private static ErrorCode code(FlightStatusCode status, @Nullable String exact) {
    Optional<ErrorCode> named =
        Arrays.stream(ErrorCode.values()).filter(c -> c.name().equals(exact)).findFirst();
    return named.orElseGet(
        () ->
            Arrays.stream(ErrorCode.values())
                .filter(c -> c.flightStatus().code() == status)
                .min(Comparator.comparing(c -> !c.name().equals(status.name())))
                .orElse(ErrorCode.INTERNAL));
  }
}
