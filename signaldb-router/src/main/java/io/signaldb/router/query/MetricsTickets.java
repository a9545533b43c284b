package io.signaldb.router.query;

import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.TimeSteps;
import io.signaldb.common.tenant.TenantContext;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tickets of metrics queries out of the parameters of Tempo's HTTP API: {@code q} or {@code query},
 * {@code start}, {@code end}, {@code since}, {@code step}, {@code exemplars} and {@code maxSeries}.
 * What is malformed or out of range is refused with INVALID_ARGUMENT. Thread-safe.
 */
public final class MetricsTickets {
  /** Most intervals of a range, before it is widened to whole steps. */
  static final long MAX_POINTS = 10_000;

  private static final long DEFAULT_SINCE = TimeUnit.HOURS.toNanos(1);
  private static final int MAX_EXEMPLARS = 100_000;
  private static final int MAX_SERIES = 1_000_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** The number of points the default step aims at: an hour in steps of 15 seconds. */
  private static final long DEFAULT_POINTS = 240;

  /** Default steps are multiples of the first of these below the quotient of range and points. */
  private static final List<Long> GRANULARITIES =
      List.of(
          TimeUnit.HOURS.toNanos(1),
          TimeUnit.MINUTES.toNanos(5),
          TimeUnit.MINUTES.toNanos(1),
          TimeUnit.SECONDS.toNanos(15),
          TimeUnit.SECONDS.toNanos(5),
          TimeUnit.SECONDS.toNanos(1));

  private static final long LEAST_STEP = TimeUnit.SECONDS.toNanos(1);
  private static final long LEAST_STEP_BELOW_A_MINUTE = TimeUnit.MILLISECONDS.toNanos(50);

  private final Clock clock;
  private final long endCutoffNanos;

  /**
   * @param endCutoff how long before now a query ends at the latest
   */
  public MetricsTickets(Clock clock, Duration endCutoff) {
    this.clock = clock;
    this.endCutoffNanos = endCutoff.toNanos();
  }

  /**
   * A query over time: whole steps, from the one before the start to the one of the end, but none
   * that ends later than the cutoff.
   */
  public QueryTicket range(TenantContext tenant, Parameters parameters) {
    String q = query(parameters);
    Range range = range(parameters);
    Long asked = parameters.secondsOrDuration("step");
    if (asked != null && asked <= 0) {
      throw Parameters.invalid("step", text(parameters, "step"), "a duration above 0");
    }
    long step = asked == null ? defaultStep(range.end - range.start) : asked;
    long cutoff = nowNanos() - endCutoffNanos;
    Range asFarAsKnown = range.until(Math.min(range.end, cutoff));
    return new QueryTicket.QueryRange(
        tenant.tenantSlug(),
        tenant.datasetSlug(),
        q,
        asFarAsKnown.steps(step, cutoff),
        positive(parameters, "exemplars", MAX_EXEMPLARS),
        positive(parameters, "maxSeries", MAX_SERIES));
  }

  /** A query over one interval, as it was asked; an end after the cutoff moves by whole seconds. */
  public QueryTicket instant(TenantContext tenant, Parameters parameters) {
    String q = query(parameters);
    Range range = range(parameters);
    long late = range.end - (nowNanos() - endCutoffNanos);
    long moved =
        late <= 0 ? 0 : (late + NANOS_PER_SECOND - 1) / NANOS_PER_SECOND * NANOS_PER_SECOND;
    Range asFarAsKnown = range.until(range.end - moved);
    return new QueryTicket.QueryInstant(
        tenant.tenantSlug(),
        tenant.datasetSlug(),
        q,
        TimeSteps.one(asFarAsKnown.start, asFarAsKnown.end),
        positive(parameters, "maxSeries", MAX_SERIES));
  }

  private static String query(Parameters parameters) {
    String q = parameters.text("q", "query");
    if (q == null) {
      throw Parameters.invalid("q is missing: expected a TraceQL metrics query");
    }
    return q;
  }

  /** Zero is as good as none, as for Tempo. */
  private static @Nullable Integer positive(Parameters parameters, String name, int max) {
    Integer value = parameters.integer(name, 0, max);
    return value == null || value == 0 ? null : value;
  }

  private Range range(Parameters parameters) {
    Long since = parameters.durationNanos("since");
    Long askedEnd = parameters.timestampNanos("end");
    Long askedStart = parameters.timestampNanos("start");
    long now = nowNanos();
    long end = askedEnd == null ? now : askedEnd;
    long start =
        askedStart == null
            ? Math.min(end, now) - (since == null ? DEFAULT_SINCE : since)
            : askedStart;
    if (start < 0 || start >= end) {
      throw Parameters.invalid(
          "end must be greater than start, received start=%s end=%s"
              .formatted(shown(start), shown(end)));
    }
    return new Range(start, end);
  }

  private record Range(long start, long end) {
    Range until(long latest) {
      if (start >= latest) {
        throw Parameters.invalid(
            "the range from %s to %s is too recent: expected a start before %s, as later intervals are not complete (router.metrics_end_cutoff)"
                .formatted(shown(start), shown(end), shown(latest)));
      }
      return new Range(start, latest);
    }

    TimeSteps steps(long step, long cutoff) {
      if ((end - start) / step > MAX_POINTS) {
        throw Parameters.invalid(
            "step of %ss is too small for a range of %ss: it makes %d points, expected at most %d, so a step of at least %ss"
                .formatted(
                    seconds(step),
                    seconds(end - start),
                    (end - start) / step,
                    MAX_POINTS,
                    seconds((end - start + MAX_POINTS - 1) / MAX_POINTS)));
      }
      long floor = start - start % step;
      long first = floor > step ? floor - step : floor;
      long last = end % step == 0 ? end : end - end % step + step;
      if (last > cutoff) {
        last -= step;
      }
      return new TimeSteps(first, Math.max(last, first + step), step);
    }
  }

  private static long defaultStep(long range) {
    long quotient = range / DEFAULT_POINTS;
    if (range < TimeUnit.MINUTES.toNanos(1)) {
      return Math.max(LEAST_STEP_BELOW_A_MINUTE, multiple(quotient, LEAST_STEP_BELOW_A_MINUTE));
    }
    for (long granularity : GRANULARITIES) {
      if (quotient > granularity) {
        return multiple(quotient, granularity);
      }
    }
    return LEAST_STEP;
  }

  private static long multiple(long nanos, long of) {
    return nanos / of * of;
  }

  private long nowNanos() {
    return ChronoUnit.NANOS.between(Instant.EPOCH, clock.instant());
  }

  private static String text(Parameters parameters, String name) {
    String text = parameters.text(name);
    return text == null ? "" : text;
  }

  private static Instant shown(long unixNano) {
    return Instant.EPOCH.plusNanos(unixNano);
  }

  private static String seconds(long nanos) {
    return BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString();
  }
}
