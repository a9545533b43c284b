package io.signaldb.common.flight;

import io.signaldb.common.error.SignalDbException;
import org.apache.arrow.flight.FlightRuntimeException;

/** {@link SignalDbException} as a Flight status, and back. */
public final class FlightErrors {
  private FlightErrors() {}

  /** What to hand to a Flight listener; an uncoded failure is logged and becomes INTERNAL. */
  public static FlightRuntimeException toFlight(Throwable failure) {
    throw new UnsupportedOperationException("not implemented yet");
  }

  /** What a Flight call failed with; a failure of the connection is UNAVAILABLE. */
  public static SignalDbException fromFlight(Throwable failure) {
    throw new UnsupportedOperationException("not implemented yet");
  }
}
