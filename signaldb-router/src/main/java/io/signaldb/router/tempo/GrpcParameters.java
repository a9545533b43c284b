package io.signaldb.router.tempo;

import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.QueryParamsBuilder;
import io.signaldb.router.query.Parameters;
import io.signaldb.router.tempo.proto.QueryInstantRequest;
import io.signaldb.router.tempo.proto.QueryRangeRequest;
import io.signaldb.router.tempo.proto.SearchRequest;
import io.signaldb.router.tempo.proto.SearchTagValuesRequest;
import io.signaldb.router.tempo.proto.SearchTagsRequest;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The requests of Tempo's gRPC API as the parameters of its HTTP API, so that both are checked
 * alike. Zero and empty fields are as good as absent.
 */
final class GrpcParameters {
  private final QueryParamsBuilder parameters = QueryParams.builder();

  private GrpcParameters() {}

  static Parameters of(SearchRequest request) {
    return new GrpcParameters()
        .text("q", request.getQuery())
        .text("tags", logfmt(request.getTagsMap()))
        .unsigned("minDuration", request.getMinDurationMs(), "ms")
        .unsigned("maxDuration", request.getMaxDurationMs(), "ms")
        .unsigned("limit", request.getLimit(), "")
        .unsigned("spss", request.getSpansPerSpanSet(), "")
        .range(request.getStart(), request.getEnd())
        .build();
  }

  static Parameters of(SearchTagsRequest request) {
    return new GrpcParameters()
        .text("scope", request.getScope())
        .text("q", request.getQuery())
        .unsigned("limit", request.getMaxTagsPerScope(), "")
        .range(request.getStart(), request.getEnd())
        .build();
  }

  static Parameters of(SearchTagValuesRequest request) {
    return new GrpcParameters()
        .text("q", request.getQuery())
        .unsigned("limit", request.getMaxTagValues(), "")
        .range(request.getStart(), request.getEnd())
        .build();
  }

  static Parameters of(QueryRangeRequest request) {
    return new GrpcParameters()
        .text("q", request.getQuery())
        .nanos("start", request.getStart(), "")
        .nanos("end", request.getEnd(), "")
        .nanos("step", request.getStep(), "ns")
        .unsigned("exemplars", request.getExemplars(), "")
        .unsigned("maxSeries", request.getMaxSeries(), "")
        .build();
  }

  static Parameters of(QueryInstantRequest request) {
    return new GrpcParameters()
        .text("q", request.getQuery())
        .nanos("start", request.getStart(), "")
        .nanos("end", request.getEnd(), "")
        .build();
  }

  private GrpcParameters text(String name, String value) {
    if (!value.isEmpty()) {
      parameters.set(name, value);
    }
    return this;
  }

  private GrpcParameters unsigned(String name, int value, String unit) {
    return value == 0 ? this : text(name, Integer.toUnsignedString(value) + unit);
  }

  private GrpcParameters nanos(String name, long value, String unit) {
    return value == 0 ? this : text(name, Long.toUnsignedString(value) + unit);
  }

  private GrpcParameters range(int start, int end) {
    return unsigned("start", start, "").unsigned("end", end, "");
  }

  private Parameters build() {
    return new Parameters(parameters.build());
  }

  private static String logfmt(Map<String, String> tags) {
    return tags.entrySet().stream()
        .map(tag -> tag.getKey() + "=" + quoted(tag.getValue()))
        .collect(Collectors.joining(" "));
  }

  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
