package io.signaldb.router.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.QueryParams;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.TimeSteps;
import io.signaldb.common.tenant.TenantContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsTicketsTest {
  private static final TenantContext TENANT = new TenantContext("t", "d", "t", "d");
  private static final long SECOND = 1_000_000_000;

  /** 1 800 000 000 is a multiple of every step below but 7 s. */
  private static final long NOW = 1_800_000_000;

  private final MetricsTickets tickets =
      new MetricsTickets(
          Clock.fixed(Instant.ofEpochSecond(NOW), ZoneOffset.UTC), Duration.ofSeconds(30));

  private QueryTicket.QueryRange range(String parameters) {
    return (QueryTicket.QueryRange) tickets.range(TENANT, parameters("q={}&" + parameters));
  }

  private static Parameters parameters(String text) {
    return new Parameters(QueryParams.fromQueryString(text));
  }

  private static TimeSteps seconds(long start, long end, long step) {
    return new TimeSteps(start * SECOND, end * SECOND, step * SECOND);
  }

  @ParameterizedTest
  @CsvSource({
    "60, 1000",
    "600, 2000",
    "1800, 5000",
    "3600, 15000",
    "21600, 60000",
    "86400, 300000",
    "2592000, 10800000",
    "30, 100",
    "5, 50"
  })
  void aimsAtTwoHundredAndFortyPoints(long seconds, long stepMillis) {
    long end = NOW - 1000;
    assertThat(range("start=%d&end=%d".formatted(end - seconds, end)).steps().stepNanos())
        .isEqualTo(stepMillis * 1_000_000);
  }

  @Test
  void widensTheRangeToWholeStepsAndOneMoreBefore() {
    assertThat(range("start=1000003&end=1000061&step=10").steps())
        .isEqualTo(seconds(999_990, 1_000_070, 10));
    assertThat(range("start=1000000&end=1000060&step=10").steps())
        .isEqualTo(seconds(999_990, 1_000_060, 10));
  }

  @Test
  void endsBeforeTheCutoff() {
    assertThat(range("start=%d&end=%d&step=10".formatted(NOW - 100, NOW)).steps())
        .isEqualTo(seconds(NOW - 110, NOW - 30, 10));
    assertThat(range("start=%d&end=%d&step=7".formatted(NOW - 100, NOW)).steps().endUnixNano())
        .isEqualTo((NOW - 30 - (NOW - 30) % 7) * SECOND);
    assertThat(range("start=%d&end=%d&step=1h".formatted(NOW - 100, NOW)).steps().count())
        .isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "start=1700000000&end=1700000060",
    "start=1700000000.0&end=1700000060.0",
    "start=1700000000000000000&end=1700000060000000000",
    "start=2023-11-14T22:13:20Z&end=2023-11-14T23:14:20%2B01:00",
    "end=1700000060&since=1m",
    "since=60s&end=1700000060",
  })
  void readsTimesInEveryForm(String parameters) {
    assertThat(range(parameters + "&step=10").steps())
        .isEqualTo(seconds(1_699_999_990, 1_700_000_060, 10));
  }

  @ParameterizedTest
  @CsvSource({"10, 10000", "0.5, 500", "1m, 60000", "1m30s, 90000", "500ms, 500", "1e1, 10000"})
  void readsSteps(String step, long millis) {
    assertThat(range("start=1700000000&end=1700000100&step=" + step).steps().stepNanos())
        .isEqualTo(millis * 1_000_000);
  }

  @Test
  void asksForTheLastHourByDefault() {
    assertThat(range("").steps()).isEqualTo(seconds(NOW - 3615, NOW - 30, 15));
    assertThat(range("since=1d").steps().stepNanos()).isEqualTo(300 * SECOND);
  }

  @Test
  void passesExemplarsAndSeriesOn() {
    QueryTicket.QueryRange ticket = range("exemplars=7&maxSeries=9");
    assertThat(ticket.exemplars()).isEqualTo(7);
    assertThat(ticket.maxSeries()).isEqualTo(9);
    assertThat(range("exemplars=0").exemplars()).isNull();
  }

  @Test
  void leavesAnInstantQueryUnaligned() {
    var ticket =
        (QueryTicket.QueryInstant)
            tickets.instant(TENANT, parameters("query={}&start=1700000000.5&end=1700000003"));
    assertThat(ticket.interval())
        .isEqualTo(TimeSteps.one(1_700_000_000_500_000_000L, 1_700_000_003L * SECOND));
    assertThat(ticket.q()).isEqualTo("{}");
  }

  @Test
  void movesTheEndOfAnInstantQueryByWholeSeconds() {
    String end = (NOW - 10) + ".25";
    var ticket =
        (QueryTicket.QueryInstant) tickets.instant(TENANT, parameters("q={}&since=1h&end=" + end));
    assertThat(ticket.interval().endUnixNano()).isEqualTo((NOW - 31) * SECOND + SECOND / 4);
    assertThat(ticket.interval().startUnixNano()).isEqualTo((NOW - 3610) * SECOND + SECOND / 4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          step=0                            | step '0': expected a duration above 0
          step=-5                           | step '-5': expected a duration above 0
          step=fast                         | step 'fast': expected a duration such as
          start=1000000&end=3592000&step=1ns | step of 0.000000001s is too small for a range of 2592000s: it makes 2592000000000000 points, expected at most 10000, so a step of at least 259.2s
          start=5&end=5                     | end must be greater than start
          start=9&end=5                     | end must be greater than start
          start=1799999980&end=1800000000   | too recent: expected a start before 2027-01-15T07:59:30Z
          start=1900000000&end=1900000001   | too recent
          start=yesterday                   | start 'yesterday': expected a time in Unix seconds
          end=-5                            | end '-5': expected a time in Unix seconds
          end=99999999999999999999          | expected a time
          since=long                        | since 'long': expected a duration
          since=60y                         | since '60y': expected a duration
          exemplars=-1                      | exemplars '-1': expected an integer from 0
          """)
  void refusesBadParameters(String parameters, String message) {
    assertThatThrownBy(() -> range(parameters))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(message);
  }

  @Test
  void requiresAQuery() {
    assertThatThrownBy(() -> tickets.range(TENANT, parameters("start=1&end=2")))
        .hasMessage("q is missing: expected a TraceQL metrics query");
  }
}
