package io.signaldb.router.tempo;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.common.schema.AttributeScope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/**
 * Turns the span rows of a {@code find_trace} answer (storage columns, absent ones are null) into
 * OTLP: spans in order of start time, grouped by equal resource and scope. Not thread-safe.
 */
final class TraceReader {
  private static final Comparator<Row> BY_START =
      Comparator.<Row>comparingLong(row -> row.span.getStartTimeUnixNano())
          .thenComparing(
              row -> row.span.getSpanId(), ByteString.unsignedLexicographicalComparator());

  private final AttributeColumns columns;
  private final List<Row> rows = new ArrayList<>();

  TraceReader(AttributeColumns columns) {
    this.columns = columns;
  }

  /** Adds the spans of a batch, which is read and not kept. */
  void add(VectorSchemaRoot batch) {
    var reader = new BatchReader(batch, columns);
    for (int row = 0; row < batch.getRowCount(); row++) {
      rows.add(reader.read(row));
    }
  }

  /** Number of spans added. */
  int spans() {
    return rows.size();
  }

  /** All spans added, grouped; empty if there were none. */
  List<ResourceSpans> resourceSpans() {
    rows.sort(BY_START);
    Map<ResourceKey, Map<ScopeKey, ScopeSpans.Builder>> groups = new LinkedHashMap<>();
    for (Row row : rows) {
      groups
          .computeIfAbsent(row.resource, resource -> new LinkedHashMap<>())
          .computeIfAbsent(row.scope, ScopeKey::open)
          .addSpans(row.span);
    }
    List<ResourceSpans> result = new ArrayList<>();
    groups.forEach(
        (resource, scopes) -> {
          ResourceSpans.Builder group =
              ResourceSpans.newBuilder()
                  .setResource(resource.resource)
                  .setSchemaUrl(resource.schemaUrl);
          scopes.values().forEach(group::addScopeSpans);
          result.add(group.build());
        });
    return result;
  }

  private record ResourceKey(Resource resource, String schemaUrl) {}

  private record ScopeKey(InstrumentationScope scope, String schemaUrl) {
    ScopeSpans.Builder open() {
      return ScopeSpans.newBuilder().setScope(scope).setSchemaUrl(schemaUrl);
    }
  }

  private record Row(ResourceKey resource, ScopeKey scope, Span span) {}

  /** The columns of one batch, looked up once. */
  private static final class BatchReader {
    private final Map<String, FieldVector> vectors;
    private final AttributeReader resourceAttributes;
    private final AttributeReader scopeAttributes;
    private final AttributeReader spanAttributes;
    private final @Nullable EventReader events;
    private final @Nullable LinkReader links;

    BatchReader(VectorSchemaRoot batch, AttributeColumns columns) {
      this.vectors = byName(batch.getFieldVectors());
      this.resourceAttributes =
          AttributeReader.stored(vectors::get, AttributeScope.RESOURCE, columns);
      this.scopeAttributes = AttributeReader.stored(vectors::get, AttributeScope.SCOPE, columns);
      this.spanAttributes = AttributeReader.stored(vectors::get, AttributeScope.SPAN, columns);
      this.events =
          vectors.get("events") instanceof ListVector list ? new EventReader(list, columns) : null;
      this.links =
          vectors.get("links") instanceof ListVector list ? new LinkReader(list, columns) : null;
    }

    Row read(int row) {
      var resource =
          Resource.newBuilder()
              .addAllAttributes(resourceAttributes.read(row))
              .setDroppedAttributesCount(count("resource_dropped_attributes_count", row))
              .build();
      var scope =
          InstrumentationScope.newBuilder()
              .setName(text("scope_name", row))
              .setVersion(text("scope_version", row))
              .addAllAttributes(scopeAttributes.read(row))
              .setDroppedAttributesCount(count("scope_dropped_attributes_count", row))
              .build();
      return new Row(
          new ResourceKey(resource, text("resource_schema_url", row)),
          new ScopeKey(scope, text("scope_schema_url", row)),
          span(row));
    }

    private Span span(int row) {
      Span.Builder span =
          Span.newBuilder()
              .setTraceId(Vectors.hex(vectors.get("trace_id"), row))
              .setSpanId(Vectors.hex(vectors.get("span_id"), row))
              .setParentSpanId(Vectors.hex(vectors.get("parent_span_id"), row))
              .setTraceState(text("trace_state", row))
              .setFlags(count("flags", row))
              .setName(text("span_name", row))
              .setKindValue(count("span_kind_number", row))
              .setStartTimeUnixNano(integer("start_time_unix_nano", row))
              .setEndTimeUnixNano(integer("end_time_unix_nano", row))
              .addAllAttributes(spanAttributes.read(row))
              .setDroppedAttributesCount(count("dropped_attributes_count", row))
              .setDroppedEventsCount(count("dropped_events_count", row))
              .setDroppedLinksCount(count("dropped_links_count", row))
              .setStatus(
                  Status.newBuilder()
                      .setCodeValue(count("status_code_number", row))
                      .setMessage(text("status_message", row)));
      if (events != null) {
        events.read(row, span);
      }
      if (links != null) {
        links.read(row, span);
      }
      return span.build();
    }

    private String text(String column, int row) {
      return Vectors.textOrEmpty(vectors.get(column), row);
    }

    private long integer(String column, int row) {
      return Vectors.integer(vectors.get(column), row);
    }

    /** An unsigned 32-bit OTLP number, kept in the bits of a signed column. */
    private int count(String column, int row) {
      return (int) integer(column, row);
    }
  }

  private static final class EventReader {
    private final ListVector list;
    private final StructVector events;
    private final AttributeReader attributes;

    EventReader(ListVector list, AttributeColumns columns) {
      this.list = list;
      this.events = (StructVector) list.getDataVector();
      this.attributes = AttributeReader.stored(child(events), AttributeScope.EVENT, columns);
    }

    void read(int row, Span.Builder span) {
      if (list.isNull(row)) {
        return;
      }
      for (int i = list.getElementStartIndex(row); i < list.getElementEndIndex(row); i++) {
        span.addEvents(
            Span.Event.newBuilder()
                .setTimeUnixNano(Vectors.integer(events.getChild("time_unix_nano"), i))
                .setName(Vectors.textOrEmpty(events.getChild("name"), i))
                .addAllAttributes(attributes.read(i))
                .setDroppedAttributesCount(
                    (int) Vectors.integer(events.getChild("dropped_attributes_count"), i)));
      }
    }
  }

  private static final class LinkReader {
    private final ListVector list;
    private final StructVector links;
    private final AttributeReader attributes;

    LinkReader(ListVector list, AttributeColumns columns) {
      this.list = list;
      this.links = (StructVector) list.getDataVector();
      this.attributes = AttributeReader.stored(child(links), AttributeScope.LINK, columns);
    }

    void read(int row, Span.Builder span) {
      if (list.isNull(row)) {
        return;
      }
      for (int i = list.getElementStartIndex(row); i < list.getElementEndIndex(row); i++) {
        span.addLinks(
            Span.Link.newBuilder()
                .setTraceId(Vectors.hex(links.getChild("trace_id"), i))
                .setSpanId(Vectors.hex(links.getChild("span_id"), i))
                .setTraceState(Vectors.textOrEmpty(links.getChild("trace_state"), i))
                .setFlags((int) Vectors.integer(links.getChild("flags"), i))
                .addAllAttributes(attributes.read(i))
                .setDroppedAttributesCount(
                    (int) Vectors.integer(links.getChild("dropped_attributes_count"), i)));
      }
    }
  }

  private static Function<String, @Nullable FieldVector> child(StructVector struct) {
    return byName(struct.getChildrenFromFields())::get;
  }

  /** Arrow looks a name up by going through all vectors. */
  private static Map<String, FieldVector> byName(List<FieldVector> vectors) {
    return vectors.stream().collect(Collectors.toMap(FieldVector::getName, vector -> vector));
  }
}
