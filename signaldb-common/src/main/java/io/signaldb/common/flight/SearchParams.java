package io.signaldb.common.flight;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a trace search; null for what the request does not say.
 *
 * @param q TraceQL
 * @param tags {@code key=value} pairs in logfmt, the older form
 * @param minDurationNanos least trace duration
 * @param maxDurationNanos greatest trace duration
 * @param limit most traces in the answer
 * @param startSeconds begin of the time range, Unix seconds, included
 * @param endSeconds end of the time range, Unix seconds, included
 * @param spss most spans shown of a spanset
 */
public record SearchParams(
    @Nullable String q,
    @Nullable String tags,
    @Nullable Long minDurationNanos,
    @Nullable Long maxDurationNanos,
    @Nullable Integer limit,
    @Nullable Long startSeconds,
    @Nullable Long endSeconds,
    @Nullable Integer spss) {

  ObjectNode toJson() {
    return Json.object()
        .put("q", q)
        .put("tags", tags)
        .put("min_duration", minDurationNanos)
        .put("max_duration", maxDurationNanos)
        .put("limit", limit)
        .put("start", startSeconds)
        .put("end", endSeconds)
        .put("spss", spss);
  }

  static SearchParams fromJson(String text) {
    Json json = Json.parse("search parameters", text);
    return new SearchParams(
        json.textOrNull("q"),
        json.textOrNull("tags"),
        json.longOrNull("min_duration"),
        json.longOrNull("max_duration"),
        json.integerOrNull("limit"),
        json.longOrNull("start"),
        json.longOrNull("end"),
        json.integerOrNull("spss"));
  }
}
