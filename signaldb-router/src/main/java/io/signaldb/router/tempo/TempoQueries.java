package io.signaldb.router.tempo;

import com.google.protobuf.Message;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.AnswerSummary;
import io.signaldb.common.flight.QueryTicket;
import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.common.tenant.TenantContext;
import io.signaldb.router.query.Answer;
import io.signaldb.router.query.MetricsTickets;
import io.signaldb.router.query.Parameters;
import io.signaldb.router.query.QuerierClient;
import io.signaldb.router.query.Tickets;
import io.signaldb.router.tempo.proto.InstantSeries;
import io.signaldb.router.tempo.proto.MetadataMetrics;
import io.signaldb.router.tempo.proto.PartialStatus;
import io.signaldb.router.tempo.proto.QueryInstantResponse;
import io.signaldb.router.tempo.proto.QueryRangeResponse;
import io.signaldb.router.tempo.proto.SearchMetrics;
import io.signaldb.router.tempo.proto.SearchResponse;
import io.signaldb.router.tempo.proto.SearchTagValuesResponse;
import io.signaldb.router.tempo.proto.SearchTagValuesV2Response;
import io.signaldb.router.tempo.proto.SearchTagsResponse;
import io.signaldb.router.tempo.proto.SearchTagsV2Response;
import io.signaldb.router.tempo.proto.SearchTagsV2Scope;
import io.signaldb.router.tempo.proto.TagValue;
import io.signaldb.router.tempo.proto.TimeSeries;
import io.signaldb.router.tempo.proto.Trace;
import io.signaldb.router.tempo.proto.TraceBatches;
import io.signaldb.router.tempo.proto.TraceByIdMetrics;
import io.signaldb.router.tempo.proto.TraceByIdResponse;
import io.signaldb.router.tempo.proto.TraceSearchMetadata;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/**
 * The questions of Tempo's API: reads the parameters, asks a Querier, and reads its rows into
 * Tempo's messages. Every method throws SignalDbException: INVALID_ARGUMENT for a parameter it
 * refuses, or what the Querier failed with. Safe for use by many threads.
 */
public final class TempoQueries {
  private static final String INTRINSIC = "intrinsic";

  /** What a TraceQL identifier is made of without quotes. */
  private static final Pattern PLAIN_KEY = Pattern.compile("[\\p{L}\\p{N}_.:/-]+");

  private static final Set<String> INTRINSICS_OF_V1 =
      Set.of("name", "status", "kind", "duration", "rootName", "rootServiceName");

  /** Ids, which lack their leading zeros, are compared as numbers. */
  private static final Comparator<TraceSearchMetadata> NEWEST_FIRST =
      Comparator.comparingLong(TraceSearchMetadata::getStartTimeUnixNano)
          .reversed()
          .thenComparing(trace -> trace.getTraceID().length())
          .thenComparing(TraceSearchMetadata::getTraceID);

  /** Series in one message of a stream; clients take messages of 4 MiB. */
  private static final long SERIES_BYTES = 1 << 20;

  private final QuerierClient querier;
  private final MetricsTickets metricsTickets;
  private final AttributeColumns columns;

  /**
   * @param columns of the traces table
   */
  public TempoQueries(
      QuerierClient querier, MetricsTickets metricsTickets, AttributeColumns columns) {
    this.querier = querier;
    this.metricsTickets = metricsTickets;
    this.columns = columns;
  }

  /**
   * An answer of the API.
   *
   * @param incomplete why it may miss something, where the message has no place to say so; null for
   *     a complete one
   */
  record Reply<M extends Message>(M message, @Nullable String incomplete) {}

  /**
   * GET /api/traces/{id}; empty if there is no such trace. What is not found in an incomplete
   * answer is UNAVAILABLE.
   */
  Optional<Reply<TraceBatches>> traceV1(TenantContext tenant, String id, Parameters parameters) {
    var reader = new TraceReader(columns);
    AnswerSummary summary = ask(tenant, Tickets.findTrace(tenant, id, parameters), reader::add);
    List<ResourceSpans> spans = reader.resourceSpans();
    if (spans.isEmpty() && summary.incomplete() != null) {
      throw new SignalDbException(
          ErrorCode.UNAVAILABLE,
          "Trace '%s' was not found, but not everything could be read: %s"
              .formatted(id, summary.incomplete()));
    }
    return spans.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Reply<>(
                TraceBatches.newBuilder().addAllBatches(spans).build(), summary.incomplete()));
  }

  /** GET /api/v2/traces/{id}; a trace without spans if there is no such trace. */
  Reply<TraceByIdResponse> traceV2(TenantContext tenant, String id, Parameters parameters) {
    var reader = new TraceReader(columns);
    AnswerSummary summary = ask(tenant, Tickets.findTrace(tenant, id, parameters), reader::add);
    TraceByIdResponse.Builder response =
        TraceByIdResponse.newBuilder()
            .setTrace(Trace.newBuilder().addAllResourceSpans(reader.resourceSpans()))
            .setMetrics(TraceByIdMetrics.newBuilder().setInspectedBytes(summary.inspectedBytes()));
    if (summary.incomplete() != null) {
      response.setStatus(PartialStatus.PARTIAL).setMessage(summary.incomplete());
    }
    return new Reply<>(response.build(), summary.incomplete());
  }

  /** GET /api/search; the newest trace first, then by id. */
  Reply<SearchResponse> search(TenantContext tenant, Parameters parameters) {
    SearchResponse.Builder response = SearchResponse.newBuilder();
    AnswerSummary summary = search(tenant, parameters, response::mergeFrom);
    List<TraceSearchMetadata> traces = new ArrayList<>(response.getTracesList());
    traces.sort(NEWEST_FIRST);
    return new Reply<>(response.clearTraces().addAllTraces(traces).build(), summary.incomplete());
  }

  /**
   * A search in parts that add up to the whole: traces as soon as they are known, in no order, and
   * at last, with the remaining ones, what is to say about the search.
   */
  AnswerSummary search(
      TenantContext tenant, Parameters parameters, Consumer<SearchResponse> parts) {
    var reader = new SearchReader();
    AnswerSummary summary =
        ask(
            tenant,
            Tickets.search(tenant, parameters),
            batch -> {
              reader.add(batch);
              List<TraceSearchMetadata> whole = reader.takeWhole();
              if (!whole.isEmpty()) {
                parts.accept(SearchResponse.newBuilder().addAllTraces(whole).build());
              }
            });
    parts.accept(
        SearchResponse.newBuilder()
            .addAllTraces(reader.takeLast())
            .setMetrics(searchMetrics(summary))
            .build());
    return summary;
  }

  private static SearchMetrics searchMetrics(AnswerSummary summary) {
    return SearchMetrics.newBuilder()
        .setInspectedBytes(summary.inspectedBytes())
        .setInspectedSpans(summary.inspectedSpans())
        .setTotalJobs(1)
        .setCompletedJobs(summary.incomplete() == null ? 1 : 0)
        .build();
  }

  /** GET /api/metrics/query_range. */
  Reply<QueryRangeResponse> queryRange(TenantContext tenant, Parameters parameters) {
    QueryRangeResponse.Builder response = QueryRangeResponse.newBuilder();
    queryRange(tenant, parameters, response::mergeFrom);
    return new Reply<>(response.build(), incomplete(response.getMessage()));
  }

  /** A metrics query in parts that add up to the whole, each with other series. */
  void queryRange(TenantContext tenant, Parameters parameters, Consumer<QueryRangeResponse> parts) {
    AnswerSummary summary =
        series(
            tenant,
            metricsTickets.range(tenant, parameters),
            series -> parts.accept(QueryRangeResponse.newBuilder().addAllSeries(series).build()));
    QueryRangeResponse.Builder last =
        QueryRangeResponse.newBuilder().setMetrics(searchMetrics(summary));
    if (summary.incomplete() != null) {
      last.setStatus(PartialStatus.PARTIAL).setMessage(summary.incomplete());
    }
    parts.accept(last.build());
  }

  /** GET /api/metrics/query. */
  Reply<QueryInstantResponse> queryInstant(TenantContext tenant, Parameters parameters) {
    QueryInstantResponse.Builder response = QueryInstantResponse.newBuilder();
    queryInstant(tenant, parameters, response::mergeFrom);
    return new Reply<>(response.build(), incomplete(response.getMessage()));
  }

  /** An instant query in parts that add up to the whole, each with other series. */
  void queryInstant(
      TenantContext tenant, Parameters parameters, Consumer<QueryInstantResponse> parts) {
    AnswerSummary summary =
        series(
            tenant,
            metricsTickets.instant(tenant, parameters),
            series -> {
              QueryInstantResponse.Builder part = QueryInstantResponse.newBuilder();
              series.forEach(one -> part.addSeries(instant(one)));
              parts.accept(part.build());
            });
    QueryInstantResponse.Builder last =
        QueryInstantResponse.newBuilder().setMetrics(searchMetrics(summary));
    if (summary.incomplete() != null) {
      last.setStatus(PartialStatus.PARTIAL).setMessage(summary.incomplete());
    }
    parts.accept(last.build());
  }

  private static InstantSeries instant(TimeSeries series) {
    InstantSeries.Builder instant = InstantSeries.newBuilder().addAllLabels(series.getLabelsList());
    if (series.getSamplesCount() > 0) {
      instant.setValue(series.getSamples(series.getSamplesCount() - 1).getValue());
    }
    return instant.build();
  }

  /** Hands out the series of an answer in groups that fit into a message. */
  private AnswerSummary series(
      TenantContext tenant, QueryTicket ticket, Consumer<List<TimeSeries>> groups) {
    return ask(
        tenant,
        ticket,
        batch -> {
          List<TimeSeries> group = new ArrayList<>();
          long bytes = 0;
          for (TimeSeries series : new SeriesReader(batch).read()) {
            group.add(series);
            bytes += series.getSerializedSize();
            if (bytes > SERIES_BYTES) {
              groups.accept(group);
              group = new ArrayList<>();
              bytes = 0;
            }
          }
          if (!group.isEmpty()) {
            groups.accept(group);
          }
        });
  }

  private static @Nullable String incomplete(String message) {
    return message.isEmpty() ? null : message;
  }

  /** GET /api/search/tags: names without scope, those of intrinsics only when asked for. */
  Reply<SearchTagsResponse> tagsV1(TenantContext tenant, Parameters parameters) {
    boolean intrinsics = INTRINSIC.equals(Tickets.scope(parameters));
    Set<String> names = new LinkedHashSet<>();
    AnswerSummary summary =
        tags(
            tenant,
            parameters,
            (scope, tag) -> {
              if (intrinsics || !scope.equals(INTRINSIC)) {
                names.add(tag);
              }
            });
    return new Reply<>(
        SearchTagsResponse.newBuilder().addAllTagNames(names).setMetrics(metrics(summary)).build(),
        summary.incomplete());
  }

  /** GET /api/v2/search/tags. */
  Reply<SearchTagsV2Response> tagsV2(TenantContext tenant, Parameters parameters) {
    Map<String, SearchTagsV2Scope.Builder> scopes = new LinkedHashMap<>();
    AnswerSummary summary =
        tags(
            tenant,
            parameters,
            (scope, tag) ->
                scopes
                    .computeIfAbsent(scope, name -> SearchTagsV2Scope.newBuilder().setName(name))
                    .addTags(tag));
    SearchTagsV2Response.Builder response =
        SearchTagsV2Response.newBuilder().setMetrics(metrics(summary));
    scopes.values().forEach(response::addScopes);
    return new Reply<>(response.build(), summary.incomplete());
  }

  private AnswerSummary tags(TenantContext tenant, Parameters parameters, PairConsumer consumer) {
    return ask(
        tenant,
        Tickets.tags(tenant, parameters),
        batch -> forEachPair(batch, "scope", "tag", consumer));
  }

  /** GET /api/search/tag/{tag}/values, where {@code tag} is an attribute's key in any scope. */
  Reply<SearchTagValuesResponse> tagValuesV1(
      TenantContext tenant, String tag, Parameters parameters) {
    Set<String> values = new LinkedHashSet<>();
    AnswerSummary summary =
        tagValues(tenant, identifier(tag), parameters, (type, value) -> values.add(value));
    return new Reply<>(
        SearchTagValuesResponse.newBuilder()
            .addAllTagValues(values)
            .setMetrics(metrics(summary))
            .build(),
        summary.incomplete());
  }

  /** GET /api/v2/search/tag/{tag}/values, where {@code tag} is a TraceQL identifier. */
  Reply<SearchTagValuesV2Response> tagValuesV2(
      TenantContext tenant, String tag, Parameters parameters) {
    List<TagValue> values = new ArrayList<>();
    AnswerSummary summary =
        tagValues(
            tenant,
            tag,
            parameters,
            (type, value) ->
                values.add(TagValue.newBuilder().setType(type).setValue(value).build()));
    return new Reply<>(
        SearchTagValuesV2Response.newBuilder()
            .addAllTagValues(values)
            .setMetrics(metrics(summary))
            .build(),
        summary.incomplete());
  }

  private AnswerSummary tagValues(
      TenantContext tenant, String tag, Parameters parameters, PairConsumer consumer) {
    return ask(
        tenant,
        Tickets.tagValues(tenant, tag, parameters),
        batch -> forEachPair(batch, "type", "value", consumer));
  }

  /** The TraceQL identifier of an older API's tag. */
  private static String identifier(String tag) {
    if (INTRINSICS_OF_V1.contains(tag)) {
      return tag;
    }
    return PLAIN_KEY.matcher(tag).matches()
        ? "." + tag
        : ".\"" + tag.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private static MetadataMetrics metrics(AnswerSummary summary) {
    return MetadataMetrics.newBuilder().setInspectedBytes(summary.inspectedBytes()).build();
  }

  /** Reads a whole answer. */
  private AnswerSummary ask(TenantContext tenant, QueryTicket ticket, BatchReader reader) {
    try (Answer answer = querier.ask(tenant, ticket)) {
      while (answer.next()) {
        reader.read(answer.batch());
      }
      return answer.summary();
    }
  }

  @FunctionalInterface
  private interface BatchReader {
    void read(VectorSchemaRoot batch);
  }

  @FunctionalInterface
  private interface PairConsumer {
    void accept(String first, String second);
  }

  private static void forEachPair(
      VectorSchemaRoot batch, String first, String second, PairConsumer consumer) {
    for (int row = 0; row < batch.getRowCount(); row++) {
      consumer.accept(
          Vectors.textOrEmpty(batch.getVector(first), row),
          Vectors.textOrEmpty(batch.getVector(second), row));
    }
  }
}
