package io.signaldb.querier.trace;

import io.signaldb.querier.read.Texts;
import io.signaldb.querier.trace.Span.Row;
import io.signaldb.querier.traceql.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows into traces, as much of each row as a query asks about. Rows equal in trace id, span
 * id and kind are one span. Used by one thread, for one set of rows.
 */
public final class SpanReader {
  private static final Value.Kind[] KINDS = Value.Kind.values();
  private static final Value.Status[] STATUSES = Value.Status.values();

  private final SpanColumns columns;
  private final TextCache texts;
  private final Map<String, List<Span>> byTrace = new HashMap<>();
  private final Set<SpanKey> seen = new HashSet<>();

  public SpanReader(SpanColumns columns) {
    this(columns, new TextCache());
  }

  private SpanReader(SpanColumns columns, TextCache texts) {
    this.columns = columns;
    this.texts = texts;
  }

  /** One for other traces of the same columns, which takes the place of this one. */
  public SpanReader next() {
    return new SpanReader(columns, texts);
  }

  private record SpanKey(String traceId, String spanId, int kind) {}

  /** Takes the visible rows of a batch of {@link SpanColumns#names}. */
  public void add(VectorSchemaRoot batch, IntPredicate visible) {
    VarCharVector traceIds = text(batch, "trace_id");
    VarCharVector spanIds = text(batch, "span_id");
    VarCharVector names = text(batch, "span_name");
    VarCharVector services = text(batch, "service_name");
    BigIntVector starts = (BigIntVector) batch.getVector("start_time_unix_nano");
    BigIntVector durations = (BigIntVector) batch.getVector("duration_nanos");
    IntVector kinds = (IntVector) batch.getVector("span_kind_number");
    IntVector statuses = (IntVector) batch.getVector("status_code_number");
    BitVector roots = (BitVector) batch.getVector("is_root");
    VarCharVector parents = optional(batch, SpanColumns.PARENT_ID);
    VarCharVector messages = optional(batch, "status_message");
    VarCharVector scopeNames = optional(batch, "scope_name");
    VarCharVector scopeVersions = optional(batch, "scope_version");
    AttributeSlots.Cells attributes = columns.attributes().in(batch::getVector, texts);
    Elements<Span.Event> events = events((ListVector) batch.getVector(SpanColumns.EVENTS));
    Elements<Span.Link> links = links((ListVector) batch.getVector(SpanColumns.LINKS));
    for (int row = 0; row < batch.getRowCount(); row++) {
      if (!visible.test(row)) {
        continue;
      }
      String traceId = Texts.at(traceIds, row);
      String spanId = Texts.at(spanIds, row);
      if (seen.add(new SpanKey(traceId, spanId, kinds.get(row)))) {
        Row values =
            new Row(
                traceId,
                spanId,
                textOrEmpty(parents, row),
                texts.at(names, row).text(),
                texts.at(services, row).text(),
                enumerated(KINDS, kinds.get(row)),
                enumerated(STATUSES, statuses.get(row)),
                textOrEmpty(messages, row),
                textOrEmpty(scopeNames, row),
                textOrEmpty(scopeVersions, row),
                roots.get(row) != 0,
                starts.get(row),
                durations.get(row));
        byTrace
            .computeIfAbsent(traceId, id -> new ArrayList<>())
            .add(
                new Span(values, columns, attributes.read(row), events.read(row), links.read(row)));
      }
    }
  }

  /** The trace with that id, null if no row of it was read. */
  public @Nullable Trace trace(String id) {
    List<Span> spans = byTrace.get(id);
    return spans == null
        ? null
        : new Trace(id, spans, columns.names().contains(SpanColumns.PARENT_ID));
  }

  /** Reads the elements a row has in a list. */
  private interface Elements<E> {
    List<E> read(int row);
  }

  private Elements<Span.Event> events(@Nullable ListVector list) {
    if (list == null) {
      return row -> List.of();
    }
    StructVector structs = (StructVector) list.getDataVector();
    VarCharVector names = (VarCharVector) structs.getChild("name");
    BigIntVector times = (BigIntVector) structs.getChild("time_unix_nano");
    AttributeSlots.Cells attributes = columns.ofEvents().in(structs::getChild, texts);
    return row -> {
      List<Span.Event> events = new ArrayList<>();
      for (int i = start(list, row); i < end(list, row); i++) {
        long time = times.isNull(i) ? 0 : times.get(i);
        events.add(new Span.Event(textOrEmpty(names, i), time, attributes.read(i)));
      }
      return events;
    };
  }

  private Elements<Span.Link> links(@Nullable ListVector list) {
    if (list == null) {
      return row -> List.of();
    }
    StructVector structs = (StructVector) list.getDataVector();
    VarCharVector traceIds = (VarCharVector) structs.getChild("trace_id");
    VarCharVector spanIds = (VarCharVector) structs.getChild("span_id");
    AttributeSlots.Cells attributes = columns.ofLinks().in(structs::getChild, texts);
    return row -> {
      List<Span.Link> links = new ArrayList<>();
      for (int i = start(list, row); i < end(list, row); i++) {
        links.add(
            new Span.Link(textOrEmpty(traceIds, i), textOrEmpty(spanIds, i), attributes.read(i)));
      }
      return links;
    };
  }

  private static int start(ListVector list, int row) {
    return list.isNull(row) ? 0 : list.getElementStartIndex(row);
  }

  private static int end(ListVector list, int row) {
    return list.isNull(row) ? 0 : list.getElementEndIndex(row);
  }

  /** A number OTLP does not define yet counts as the first constant: unset, unspecified. */
  private static <E> E enumerated(E[] constants, int number) {
    return constants[number >= 0 && number < constants.length ? number : 0];
  }

  private static VarCharVector text(VectorSchemaRoot batch, String column) {
    return (VarCharVector) batch.getVector(column);
  }

  private static @Nullable VarCharVector optional(VectorSchemaRoot batch, String column) {
    return (VarCharVector) batch.getVector(column);
  }

  private String textOrEmpty(@Nullable VarCharVector vector, int row) {
    return vector == null || vector.isNull(row) ? "" : texts.at(vector, row).text();
  }
}
