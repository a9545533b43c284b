package io.signaldb.querier.trace;

import io.signaldb.common.flight.SearchResult;
import io.signaldb.querier.trace.FoundTrace.FoundSpanset;
import io.signaldb.querier.traceql.Value;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/** Writes found traces as {@link SearchResult} has them. Used by one thread. */
public final class SearchAnswer {
  private static final int MAX_ROWS = 4096;

  private final VectorSchemaRoot target;
  private int row;

  /**
   * @param target of {@link SearchResult#SCHEMA}; borrowed
   */
  public SearchAnswer(VectorSchemaRoot target) {
    this.target = target;
  }

  /**
   * Writes traces that come after those written before.
   *
   * @param send called whenever the target is filled, and at last with what is left
   */
  public void write(List<FoundTrace> traces, Consumer<VectorSchemaRoot> send) {
    for (FoundTrace found : traces) {
      boolean first = true;
      int number = 0;
      for (FoundSpanset spanset : found.spansets()) {
        if (row > 0 && row + spanset.shown().size() > MAX_ROWS) {
          flush(send);
        }
        for (Span span : spanset.shown()) {
          write(found, spanset, number, span, first);
          first = false;
        }
        number++;
      }
    }
    if (row > 0) {
      flush(send);
    }
  }

  private void flush(Consumer<VectorSchemaRoot> send) {
    target.setRowCount(row);
    send.accept(target);
    target.clear();
    row = 0;
  }

  private void write(FoundTrace found, FoundSpanset spanset, int number, Span span, boolean first) {
    Trace trace = found.trace();
    text("trace_id", trace.id());
    text("root_service_name", trace.rootService());
    text("root_trace_name", trace.rootName());
    integer("trace_start_unix_nano", trace.startUnixNano());
    integer("trace_duration_nanos", trace.durationNanos());
    ((IntVector) target.getVector("spanset")).setSafe(row, number);
    ((IntVector) target.getVector("matched")).setSafe(row, spanset.matched());
    attributes("spanset_attributes", spanset.attributes());
    text("span_id", span.row().spanId());
    text("span_name", span.row().name());
    integer("start_time_unix_nano", span.row().startUnixNano());
    integer("duration_nanos", span.row().durationNanos());
    attributes("attributes", found.shown().values(span));
    counts("service_span_counts", first ? trace.spanCounts() : Map.of());
    counts("service_error_counts", first ? trace.errorCounts() : Map.of());
    row++;
  }

  private void text(String column, @Nullable String value) {
    if (value != null) {
      ((VarCharVector) target.getVector(column))
          .setSafe(row, value.getBytes(StandardCharsets.UTF_8));
    }
  }

  private void integer(String column, long value) {
    ((BigIntVector) target.getVector(column)).setSafe(row, value);
  }

  /** Each value in the map of its type; {@code nil} as its word. */
  private void attributes(String columns, Map<String, Value> attributes) {
    Map<String, Map<String, Value>> bySuffix = new LinkedHashMap<>();
    attributes.forEach(
        (name, value) ->
            bySuffix
                .computeIfAbsent(suffix(value), suffix -> new LinkedHashMap<>())
                .put(name, value));
    bySuffix.forEach(
        (suffix, values) ->
            map((MapVector) target.getVector(columns + suffix), values, this::setValue));
  }

  private static String suffix(Value value) {
    return switch (value.type()) {
      case STRING, STATUS, KIND, NIL -> "";
      case INT, DURATION -> "_int";
      case FLOAT -> "_double";
      case BOOLEAN -> "_bool";
      case STRUCTURED -> "_json";
      case ATTRIBUTE -> throw new IllegalArgumentException("No value: " + value);
    };
  }

  private void counts(String column, Map<String, Long> counts) {
    if (!counts.isEmpty()) {
      map(
          (MapVector) target.getVector(column),
          counts,
          (vector, index, count) -> ((BigIntVector) vector).setSafe(index, count));
    }
  }

  @FunctionalInterface
  private interface ValueSetter<V> {
    void set(ValueVector vector, int index, V value);
  }

  private <V> void map(MapVector map, Map<String, V> entries, ValueSetter<V> setter) {
    StructVector structs = (StructVector) map.getDataVector();
    VarCharVector keys = (VarCharVector) structs.getChildByOrdinal(0);
    ValueVector values = structs.getChildByOrdinal(1);
    int index = map.startNewValue(row);
    for (Map.Entry<String, V> entry : entries.entrySet()) {
      structs.setIndexDefined(index);
      keys.setSafe(index, entry.getKey().getBytes(StandardCharsets.UTF_8));
      setter.set(values, index, entry.getValue());
      index++;
    }
    map.endValue(row, entries.size());
  }

  private void setValue(ValueVector vector, int index, Value value) {
    if (value instanceof Value.Int integer) {
      ((BigIntVector) vector).setSafe(index, integer.number());
    } else if (value instanceof Value.Nanos nanos) {
      ((BigIntVector) vector).setSafe(index, nanos.nanos());
    } else if (value instanceof Value.Real real) {
      ((Float8Vector) vector).setSafe(index, real.number());
    } else if (value instanceof Value.Bool bool) {
      ((BitVector) vector).setSafe(index, bool.truth() ? 1 : 0);
    } else {
      ((VarCharVector) vector).setSafe(index, string(value).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String string(Value value) {
    if (value instanceof Value.Text text) {
      return text.text();
    }
    if (value instanceof Value.Array array) {
      return array.json();
    }
    return value instanceof Value.Structured structured ? structured.json() : value.literal();
  }
}
