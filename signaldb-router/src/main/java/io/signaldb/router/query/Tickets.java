package io.signaldb.router.query;

import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.flight.SearchParams;
import io.signaldb.common.tenant.TenantContext;
import io.signaldb.router.query.Parameters.TimeRange;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tickets out of the parameters of a request, which are those of Tempo's HTTP API. A parameter that
 * is malformed or out of range is refused with INVALID_ARGUMENT.
 */
public final class Tickets {
  private static final int MAX_LIMIT = 262_144;
  private static final int MAX_SPANS_PER_SPANSET = 100;
  private static final Set<String> SCOPES =
      Set.of("resource", "span", "event", "link", "instrumentation", "intrinsic");

  private Tickets() {}

  /** Parameters {@code start} and {@code end}, hints that may be absent. */
  public static QueryTicket findTrace(TenantContext tenant, String id, Parameters parameters) {
    TimeRange range = parameters.timeRange();
    return new QueryTicket.FindTrace(
        tenant.tenantSlug(), tenant.datasetSlug(), id, range.startSeconds(), range.endSeconds());
  }

  /**
   * Parameters {@code q} or {@code tags}, {@code minDuration}, {@code maxDuration}, {@code limit},
   * {@code spss}, {@code start} and {@code end}.
   */
  public static QueryTicket search(TenantContext tenant, Parameters parameters) {
    String q = parameters.text("q");
    String tags = parameters.text("tags");
    if (q != null && tags != null) {
      throw Parameters.invalid("invalid search: expected q or tags, received both");
    }
    Long minDuration = parameters.durationNanos("minDuration", "min_duration");
    Long maxDuration = parameters.durationNanos("maxDuration", "max_duration");
    if (minDuration != null && maxDuration != null && minDuration > maxDuration) {
      throw Parameters.invalid(
          "minDuration must not be above maxDuration, received %s and %s nanoseconds"
              .formatted(minDuration, maxDuration));
    }
    TimeRange range = parameters.timeRange();
    var params =
        new SearchParams(
            q,
            tags,
            minDuration,
            maxDuration,
            parameters.integer("limit", 1, MAX_LIMIT),
            range.startSeconds(),
            range.endSeconds(),
            parameters.integer("spss", 1, MAX_SPANS_PER_SPANSET));
    return new QueryTicket.SearchTraces(tenant.tenantSlug(), tenant.datasetSlug(), params);
  }

  /** Parameters {@code scope}, {@code q}, {@code limit}, {@code start} and {@code end}. */
  public static QueryTicket tags(TenantContext tenant, Parameters parameters) {
    TimeRange range = parameters.timeRange();
    return new QueryTicket.Tags(
        tenant.tenantSlug(),
        tenant.datasetSlug(),
        scope(parameters),
        range.startSeconds(),
        range.endSeconds(),
        parameters.text("q"),
        parameters.integer("limit", 1, Integer.MAX_VALUE));
  }

  /** The scope named by the parameter {@code scope}, null for all. */
  public static @Nullable String scope(Parameters parameters) {
    String scope = parameters.text("scope");
    if (scope == null || scope.equals("none")) {
      return null;
    }
    if (!SCOPES.contains(scope)) {
      throw Parameters.invalid(
          "scope", scope, "resource, span, event, link, instrumentation, intrinsic or none");
    }
    return scope;
  }

  /**
   * Parameters {@code q}, {@code limit}, {@code start} and {@code end}.
   *
   * @param tag a TraceQL identifier
   */
  public static QueryTicket tagValues(TenantContext tenant, String tag, Parameters parameters) {
    TimeRange range = parameters.timeRange();
    return new QueryTicket.TagValues(
        tenant.tenantSlug(),
        tenant.datasetSlug(),
        tag,
        range.startSeconds(),
        range.endSeconds(),
        parameters.text("q"),
        parameters.integer("limit", 1, Integer.MAX_VALUE));
  }
}
