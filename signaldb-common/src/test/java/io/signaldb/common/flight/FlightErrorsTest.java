package io.signaldb.common.flight;

import static org.assertj.core.api.Assertions.assertThat;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.time.Duration;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FlightErrorsTest {
  @ParameterizedTest
  @EnumSource
  void everyCodeComesBackAsItWent(ErrorCode code) {
    FlightRuntimeException flight =
        FlightErrors.toFlight(
            SignalDbException.retryLater(code, "what was expected", Duration.ofMillis(250)));
    assertThat(flight.status().code()).isEqualTo(code.flightStatus().code());
    SignalDbException back = FlightErrors.fromFlight(flight);
    assertThat(back).hasMessage("what was expected");
    assertThat(back.code()).isEqualTo(code);
    assertThat(back.retryAfter()).contains(Duration.ofMillis(250));
  }

  @Test
  void statusesOfOthersBecomeTheNearestCode() {
    assertThat(code(CallStatus.UNAVAILABLE)).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(code(CallStatus.TIMED_OUT)).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(code(CallStatus.UNAUTHORIZED)).isEqualTo(ErrorCode.PERMISSION_DENIED);
    assertThat(code(CallStatus.RESOURCE_EXHAUSTED)).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(code(CallStatus.INVALID_ARGUMENT)).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(code(CallStatus.UNKNOWN)).isEqualTo(ErrorCode.INTERNAL);
  }

  private static ErrorCode code(CallStatus status) {
    return FlightErrors.fromFlight(status.toRuntimeException()).code();
  }

  @Test
  void whatNobodyForesawIsInternalAndShowsNothingOfItself() {
    FlightRuntimeException flight =
        FlightErrors.toFlight(new IllegalStateException("a detail of ours"));
    assertThat(flight.status().code()).isEqualTo(CallStatus.INTERNAL.code());
    assertThat(flight.status().description())
        .matches("Internal error [0-9a-f]{8}; the server's log has details");
  }
}
