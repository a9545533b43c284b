package io.signaldb.router.tempo;

import io.signaldb.router.tempo.proto.ServiceStats;
import io.signaldb.router.tempo.proto.Span;
import io.signaldb.router.tempo.proto.SpanSet;
import io.signaldb.router.tempo.proto.TraceSearchMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/**
 * Turns the rows of a {@code search_traces} answer (one per span shown, those of a trace and of a
 * span set next to each other) into Tempo's search result, in their order. Not thread-safe.
 */
final class SearchReader {
  private static final String NO_ROOT = "<root span not yet received>";
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long MAX_UINT32 = 0xFFFF_FFFFL;

  private final List<TraceSearchMetadata> traces = new ArrayList<>();
  private final TraceSearchMetadata.Builder trace = TraceSearchMetadata.newBuilder();
  private @Nullable String traceId;
  private long spanSet;

  /** Adds the rows of a batch, which is read and not kept. */
  void add(VectorSchemaRoot batch) {
    var attributes = AttributeReader.answered(batch::getVector, "attributes");
    var spanSetAttributes = AttributeReader.answered(batch::getVector, "spanset_attributes");
    for (int row = 0; row < batch.getRowCount(); row++) {
      String id = Vectors.textOrEmpty(batch.getVector("trace_id"), row);
      long set = Vectors.integer(batch.getVector("spanset"), row);
      if (!id.equals(traceId)) {
        finishTrace();
        traceId = id;
        openTrace(batch, row);
        openSpanSet(batch, row, set, spanSetAttributes);
      } else if (set != spanSet) {
        openSpanSet(batch, row, set, spanSetAttributes);
      }
      trace
          .getSpanSetsBuilder(trace.getSpanSetsCount() - 1)
          .addSpans(
              Span.newBuilder()
                  .setSpanID(Vectors.textOrEmpty(batch.getVector("span_id"), row))
                  .setName(Vectors.textOrEmpty(batch.getVector("span_name"), row))
                  .setStartTimeUnixNano(
                      Vectors.integer(batch.getVector("start_time_unix_nano"), row))
                  .setDurationNanos(Vectors.integer(batch.getVector("duration_nanos"), row))
                  .addAllAttributes(attributes.read(row)));
    }
  }

  /** The traces added and not taken yet that are known to be whole, in their order. */
  List<TraceSearchMetadata> takeWhole() {
    List<TraceSearchMetadata> whole = List.copyOf(traces);
    traces.clear();
    return whole;
  }

  /** As {@link #takeWhole}, after the last batch, when all are whole. */
  List<TraceSearchMetadata> takeLast() {
    finishTrace();
    return takeWhole();
  }

  private void openTrace(VectorSchemaRoot batch, int row) {
    String rootService = Vectors.text(batch.getVector("root_service_name"), row);
    long millis = Vectors.integer(batch.getVector("trace_duration_nanos"), row) / NANOS_PER_MILLI;
    trace
        .setTraceID(withoutLeadingZeros(Vectors.textOrEmpty(batch.getVector("trace_id"), row)))
        .setRootServiceName(rootService == null ? NO_ROOT : rootService)
        .setRootTraceName(Vectors.textOrEmpty(batch.getVector("root_trace_name"), row))
        .setStartTimeUnixNano(Vectors.integer(batch.getVector("trace_start_unix_nano"), row))
        .setDurationMs((int) Math.min(millis, MAX_UINT32));
    forEachEntry(
        batch.getVector("service_span_counts"),
        row,
        (service, count) ->
            trace.putServiceStats(service, stats(service).setSpanCount(count).build()));
    forEachEntry(
        batch.getVector("service_error_counts"),
        row,
        (service, count) ->
            trace.putServiceStats(service, stats(service).setErrorCount(count).build()));
  }

  private ServiceStats.Builder stats(String service) {
    return trace.getServiceStatsOrDefault(service, ServiceStats.getDefaultInstance()).toBuilder();
  }

  private void openSpanSet(
      VectorSchemaRoot batch, int row, long set, AttributeReader spanSetAttributes) {
    spanSet = set;
    trace.addSpanSets(
        SpanSet.newBuilder()
            .setMatched((int) Vectors.integer(batch.getVector("matched"), row))
            .addAllAttributes(spanSetAttributes.read(row)));
  }

  private void finishTrace() {
    if (traceId != null) {
      trace.setSpanSet(trace.getSpanSets(0));
      traces.add(trace.build());
      trace.clear();
      traceId = null;
    }
  }

  private static void forEachEntry(
      @Nullable ValueVector vector, int row, ObjIntConsumer<String> consumer) {
    if (vector instanceof MapVector map && !map.isNull(row)) {
      StructVector entries = (StructVector) map.getDataVector();
      ValueVector keys = entries.getChildByOrdinal(0);
      ValueVector values = entries.getChildByOrdinal(1);
      for (int i = map.getElementStartIndex(row); i < map.getElementEndIndex(row); i++) {
        consumer.accept(Vectors.textOrEmpty(keys, i), (int) Vectors.integer(values, i));
      }
    }
  }

  private static String withoutLeadingZeros(String hex) {
    int start = 0;
    while (start < hex.length() - 1 && hex.charAt(start) == '0') {
      start++;
    }
    return hex.substring(start);
  }
}
