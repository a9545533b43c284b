package io.signaldb.common.flight;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.scan.ScanQuery;
import io.signaldb.common.tenant.Slugs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code do_get} asks for, as UTF-8 text {@code kind:tenant_slug:dataset_slug:rest}. Slugs
 * are checked in every constructor, so a ticket in hand names a well-formed dataset; whether it is
 * the caller's is for {@link io.signaldb.common.auth.Caller#requireAccess(String, String)} to say.
 */
public sealed interface QueryTicket {
  String tenantSlug();

  String datasetSlug();

  /** The ticket's word before the first colon. */
  String kind();

  /** What stands after the dataset. */
  String rest();

  /** The form on the wire. */
  default byte[] toBytes() {
    return String.join(":", kind(), tenantSlug(), datasetSlug(), rest())
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads the form on the wire.
   *
   * @throws SignalDbException INVALID_ARGUMENT if the ticket is malformed or of no known kind
   */
  static QueryTicket parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    String[] parts = text.split(":", 4);
    if (parts.length < 4) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT,
          "Invalid ticket '%s': expected kind:tenant:dataset:parameters".formatted(shown(text)));
    }
    String tenant = parts[1];
    String dataset = parts[2];
    String rest = parts[3];
    return switch (parts[0]) {
      case FindTrace.KIND -> FindTrace.parse(tenant, dataset, rest);
      case SearchTraces.KIND -> new SearchTraces(tenant, dataset, SearchParams.fromJson(rest));
      case Fresh.KIND -> Fresh.parse(tenant, dataset, rest);
      case QueryRange.KIND -> QueryRange.parse(tenant, dataset, rest);
      case QueryInstant.KIND -> QueryInstant.parse(tenant, dataset, rest);
      case Tags.KIND -> Tags.parse(tenant, dataset, rest);
      case TagValues.KIND -> TagValues.parse(tenant, dataset, rest);
      case Sql.KIND -> Sql.parse(tenant, dataset, rest);
      case DescribeSql.KIND -> new DescribeSql(Sql.parse(tenant, dataset, rest));
      default ->
          throw new SignalDbException(
              ErrorCode.INVALID_ARGUMENT,
              "Unknown ticket kind '%s': expected find_trace, search_traces, query_range,"
                      .formatted(shown(parts[0]))
                  + " query_instant, tags, tag_values, sql, describe_sql or fresh");
    };
  }

  private static String shown(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "?");
    return printable.length() > 80 ? printable.substring(0, 80) + "…" : printable;
  }

  private static void checkSlugs(String tenantSlug, String datasetSlug) {
    Slugs.require("tenant slug", tenantSlug);
    Slugs.require("dataset slug", datasetSlug);
  }

  /**
   * All spans of a trace: {@code find_trace:t:d:<id>[:<start>:<end>]}.
   *
   * @param traceId 32 lower-case hexadecimal digits; the constructor pads a shorter id and folds
   *     upper case
   * @param startSeconds Unix seconds the trace's spans lie after, null for unknown
   * @param endSeconds Unix seconds the trace's spans lie before, null for unknown
   */
  record FindTrace(
      String tenantSlug,
      String datasetSlug,
      String traceId,
      @Nullable Long startSeconds,
      @Nullable Long endSeconds)
      implements QueryTicket {
    static final String KIND = "find_trace";
    private static final Pattern TRACE_ID = Pattern.compile("[0-9a-f]{1,32}");

    public FindTrace {
      checkSlugs(tenantSlug, datasetSlug);
      String folded = traceId.toLowerCase(Locale.ROOT);
      if (!TRACE_ID.matcher(folded).matches()) {
        throw new SignalDbException(
            ErrorCode.INVALID_ARGUMENT,
            "Invalid trace id '%s': expected 1 to 32 hexadecimal digits".formatted(shown(traceId)));
      }
      traceId = "0".repeat(32 - folded.length()) + folded;
      if ((startSeconds == null) != (endSeconds == null)) {
        throw new SignalDbException(
            ErrorCode.INVALID_ARGUMENT,
            "Invalid time range %s to %s: expected both start and end, or neither"
                .formatted(startSeconds, endSeconds));
      }
    }

    static FindTrace parse(String tenant, String dataset, String rest) {
      String[] parts = rest.split(":", -1);
      return switch (parts.length) {
        case 1 -> new FindTrace(tenant, dataset, parts[0], null, null);
        case 3 -> new FindTrace(tenant, dataset, parts[0], seconds(parts[1]), seconds(parts[2]));
        default ->
            throw new SignalDbException(
                ErrorCode.INVALID_ARGUMENT,
                "Invalid find_trace parameters '%s': expected <trace id>[:<start>:<end>]"
                    .formatted(shown(rest)));
      };
    }

    private static long seconds(String text) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw new SignalDbException(
            ErrorCode.INVALID_ARGUMENT,
            "Invalid time '%s' in find_trace ticket: expected Unix seconds".formatted(shown(text)),
            e);
      }
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String rest() {
      return startSeconds == null ? traceId : traceId + ":" + startSeconds + ":" + endSeconds;
    }
  }

  /** Traces that match: {@code search_traces:t:d:<json>}. */
  record SearchTraces(String tenantSlug, String datasetSlug, SearchParams params)
      implements QueryTicket {
    static final String KIND = "search_traces";

    public SearchTraces {
      checkSlugs(tenantSlug, datasetSlug);
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String rest() {
      return params.toJson().toString();
    }
  }

  /**
   * A metrics query over time: {@code query_range:t:d:<json>}, answered as {@link MetricsResult}.
   *
   * @param q TraceQL that ends in a metrics stage
   * @param exemplars most exemplars in the answer, null for the Querier's default; a hint in the
   *     query goes before both
   * @param maxSeries most series in the answer, null for the Querier's default
   */
  record QueryRange(
      String tenantSlug,
      String datasetSlug,
      String q,
      TimeSteps steps,
      @Nullable Integer exemplars,
      @Nullable Integer maxSeries)
      implements QueryTicket {
    static final String KIND = "query_range";

    public QueryRange {
      checkSlugs(tenantSlug, datasetSlug);
    }

    static QueryRange parse(String tenant, String dataset, String rest) {
      Json json = Json.parse("query_range parameters", rest);
      return new QueryRange(
          tenant,
          dataset,
          json.text("q"),
          new TimeSteps(
              json.longInteger("start"), json.longInteger("end"), json.longInteger("step")),
          json.integerOrNull("exemplars"),
          json.integerOrNull("max_series"));
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String rest() {
      return Json.object()
          .put("q", q)
          .put("start", steps.startUnixNano())
          .put("end", steps.endUnixNano())
          .put("step", steps.stepNanos())
          .put("exemplars", exemplars)
          .put("max_series", maxSeries)
          .toString();
    }
  }

  /**
   * A metrics query over one interval: {@code query_instant:t:d:<json>}, answered as {@link
   * MetricsResult}.
   *
   * @param q TraceQL that ends in a metrics stage
   * @param interval its only step
   * @param maxSeries most series in the answer, null for the Querier's default
   */
  record QueryInstant(
      String tenantSlug,
      String datasetSlug,
      String q,
      TimeSteps interval,
      @Nullable Integer maxSeries)
      implements QueryTicket {
    static final String KIND = "query_instant";

    public QueryInstant {
      checkSlugs(tenantSlug, datasetSlug);
      if (interval.count() != 1) {
        throw new SignalDbException(
            ErrorCode.INVALID_ARGUMENT,
            "Invalid query_instant of %d steps: expected one".formatted(interval.count()));
      }
    }

    static QueryInstant parse(String tenant, String dataset, String rest) {
      Json json = Json.parse("query_instant parameters", rest);
      return new QueryInstant(
          tenant,
          dataset,
          json.text("q"),
          TimeSteps.one(json.longInteger("start"), json.longInteger("end")),
          json.integerOrNull("max_series"));
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String rest() {
      return Json.object()
          .put("q", q)
          .put("start", interval.startUnixNano())
          .put("end", interval.endUnixNano())
          .put("max_series", maxSeries)
          .toString();
    }
  }

  /** Rows a Writer has not committed yet: {@code fresh:t:d:<table>:<json>}. */
  record Fresh(String tenantSlug, String datasetSlug, ScanQuery query) implements QueryTicket {
    static final String KIND = "fresh";

    public Fresh {
      checkSlugs(tenantSlug, datasetSlug);
    }

    static Fresh parse(String tenant, String dataset, String rest) {
      int colon = rest.indexOf(':');
      ScanQuery query = ScanQuery.parse(rest.substring(colon + 1));
      if (colon < 0 || !query.table().equals(rest.substring(0, colon))) {
        throw new SignalDbException(
            ErrorCode.INVALID_ARGUMENT,
            "Invalid fresh parameters '%s': expected <table>:<scan query of that table>"
                .formatted(shown(rest)));
      }
      return new Fresh(tenant, dataset, query);
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String rest() {
      return query.table() + ":" + query.toJson();
    }
  }

  /**
   * Names of attributes and intrinsics: {@code tags:t:d:<json>}.
   *
   * @param scope resource, span, event, link, instrumentation or intrinsic; null for all
   * @param startSeconds Unix seconds, null for unbounded
   * @param endSeconds Unix seconds, null for unbounded
   * @param q TraceQL filter on the spans looked at
   * @param limit most names of a scope, null for all
   */
  record Tags(
      String tenantSlug,
      String datasetSlug,
      @Nullable String scope,
      @Nullable Long startSeconds,
      @Nullable Long endSeconds,
      @Nullable String q,
      @Nullable Integer limit)
      implements QueryTicket {
    static final String KIND = "tags";

    public Tags {
      checkSlugs(tenantSlug, datasetSlug);
    }

    static Tags parse(String tenant, String dataset, String rest) {
      Json json = Json.parse("tags parameters", rest);
      return new Tags(
          tenant,
          dataset,
          json.textOrNull("scope"),
          json.longOrNull("start"),
          json.longOrNull("end"),
          json.textOrNull("q"),
          json.integerOrNull("limit"));
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String rest() {
      return Json.object()
          .put("scope", scope)
          .put("start", startSeconds)
          .put("end", endSeconds)
          .put("q", q)
          .put("limit", limit)
          .toString();
    }
  }

  /**
   * Values of one attribute or intrinsic: {@code tag_values:t:d:<json>}.
   *
   * @param tag as in TraceQL: {@code span.http.method}, {@code .name}, {@code status}
   * @param startSeconds Unix seconds, null for unbounded
   * @param endSeconds Unix seconds, null for unbounded
   * @param q TraceQL filter on the spans looked at
   * @param limit most values, null for the Querier's default
   */
  record TagValues(
      String tenantSlug,
      String datasetSlug,
      String tag,
      @Nullable Long startSeconds,
      @Nullable Long endSeconds,
      @Nullable String q,
      @Nullable Integer limit)
      implements QueryTicket {
    static final String KIND = "tag_values";

    public TagValues {
      checkSlugs(tenantSlug, datasetSlug);
    }

    static TagValues parse(String tenant, String dataset, String rest) {
      Json json = Json.parse("tag_values parameters", rest);
      return new TagValues(
          tenant,
          dataset,
          json.text("tag"),
          json.longOrNull("start"),
          json.longOrNull("end"),
          json.textOrNull("q"),
          json.integerOrNull("limit"));
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String rest() {
      return Json.object()
          .put("tag", tag)
          .put("start", startSeconds)
          .put("end", endSeconds)
          .put("q", q)
          .put("limit", limit)
          .toString();
    }
  }

  /**
   * The rows of a statement: {@code sql:t:d:<json>}.
   *
   * @param datasetSlug of tables that are named without a dataset
   * @param datasetSlugs whose tables the statement may read; all of the tenant
   */
  record Sql(
      String tenantSlug, String datasetSlug, List<String> datasetSlugs, SqlStatement statement)
      implements QueryTicket {
    static final String KIND = "sql";

    public Sql {
      checkSlugs(tenantSlug, datasetSlug);
      datasetSlugs = List.copyOf(datasetSlugs);
      datasetSlugs.forEach(slug -> Slugs.require("dataset slug", slug));
    }

    static Sql parse(String tenant, String dataset, String rest) {
      Json json = Json.parse("sql parameters", rest);
      List<String> datasets = new ArrayList<>();
      json.array("datasets").forEach(slug -> datasets.add(slug.asText()));
      return new Sql(tenant, dataset, datasets, SqlStatement.of(json));
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String rest() {
      ObjectNode json = statement.toJson();
      datasetSlugs.forEach(json.putArray("datasets")::add);
      return json.toString();
    }
  }

  /**
   * What a statement asks for and answers with: {@code describe_sql:t:d:<json>}, answered as {@link
   * SqlDescription}.
   */
  record DescribeSql(Sql query) implements QueryTicket {
    static final String KIND = "describe_sql";

    @Override
    public String tenantSlug() {
      return query.tenantSlug();
    }

    @Override
    public String datasetSlug() {
      return query.datasetSlug();
    }

    @Override
    public String kind() {
      return KIND;
    }

    @Override
    public String rest() {
      return query.rest();
    }
  }
}
