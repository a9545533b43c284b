package io.signaldb.querier;

import io.signaldb.common.schema.AttributeLocation;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.common.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/** Spans as a batch in the wire form of the traces table. */
final class SpanBatch {
  private static final String[] KINDS = {
    "Internal", "Internal", "Server", "Client", "Producer", "Consumer"
  };
  private static final String[] STATUSES = {"Unspecified", "Ok", "Error"};

  private final TableSchema schema;
  private final VectorSchemaRoot root;

  private SpanBatch(TableSchema schema, VectorSchemaRoot root) {
    this.schema = schema;
    this.root = root;
  }

  /** One self-contained IPC stream. */
  static ByteBuffer ipc(TableSchema schema, BufferAllocator allocator, List<TestSpan> spans) {
    try (VectorSchemaRoot root = VectorSchemaRoot.create(schema.wireArrow(), allocator)) {
      SpanBatch batch = new SpanBatch(schema, root);
      for (int row = 0; row < spans.size(); row++) {
        batch.write(row, spans.get(row));
      }
      root.setRowCount(spans.size());
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (ArrowStreamWriter writer =
          new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
        writer.start();
        writer.writeBatch();
        writer.end();
      }
      return ByteBuffer.wrap(bytes.toByteArray());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(int row, TestSpan span) {
    set("trace_id", row, span.traceId());
    set("span_id", row, span.spanId());
    if (!span.parentId().isEmpty()) {
      set("parent_span_id", row, span.parentId());
    }
    set("name", row, span.name());
    set("service_name", row, span.service());
    set("start_time_unix_nano", row, span.startUnixNano());
    set("end_time_unix_nano", row, span.startUnixNano() + span.durationNanos());
    set("duration_nano", row, span.durationNanos());
    set("span_kind", row, KINDS[span.kind()]);
    set("span_kind_number", row, span.kind());
    set("status_code", row, STATUSES[span.status()]);
    set("status_code_number", row, span.status());
    if (!span.statusMessage().isEmpty()) {
      set("status_message", row, span.statusMessage());
    }
    set("is_root", row, span.parentId().isEmpty());
    if (!span.scopeName().isEmpty()) {
      set("scope_name", row, span.scopeName());
    }
    if (!span.scopeVersion().isEmpty()) {
      set("scope_version", row, span.scopeVersion());
    }
    attributes(root::getVector, AttributeScope.SPAN, row, span.attributes());
    attributes(root::getVector, AttributeScope.RESOURCE, row, span.resource());
    attributes(root::getVector, AttributeScope.SCOPE, row, span.scope());
    elements(
        "events",
        row,
        span.events(),
        (element, index, event) -> {
          set(element.getChild("time_unix_nano"), index, event.unixNano());
          set(element.getChild("name"), index, event.name());
          attributes(element::getChild, AttributeScope.EVENT, index, event.attributes());
        });
    elements(
        "links",
        row,
        span.links(),
        (element, index, link) -> {
          set(element.getChild("trace_id"), index, link.traceId());
          set(element.getChild("span_id"), index, link.spanId());
          attributes(element::getChild, AttributeScope.LINK, index, link.attributes());
        });
  }

  private interface ElementWriter<E> {
    void write(StructVector element, int index, E value);
  }

  private <E> void elements(String column, int row, List<E> values, ElementWriter<E> writer) {
    if (values.isEmpty()) {
      return;
    }
    ListVector list = (ListVector) root.getVector(column);
    StructVector structs = (StructVector) list.getDataVector();
    int index = list.startNewValue(row);
    for (E value : values) {
      structs.setIndexDefined(index);
      writer.write(structs, index, value);
      index++;
    }
    list.endValue(row, values.size());
  }

  private void attributes(
      Function<String, FieldVector> vectors,
      AttributeScope scope,
      int row,
      Map<String, Object> attributes) {
    Map<String, Map<String, Object>> maps = new LinkedHashMap<>();
    attributes.forEach(
        (key, value) -> {
          AttributeLocation location = schema.attributes().locate(scope, key, type(value));
          if (location instanceof AttributeLocation.InColumn column) {
            set(vectors.apply(column.column()), row, value);
          } else {
            String wire = location.column().replaceFirst("^span_attributes", "attributes");
            maps.computeIfAbsent(wire, name -> new LinkedHashMap<>()).put(key, value);
          }
        });
    maps.forEach((column, entries) -> map((MapVector) vectors.apply(column), row, entries));
  }

  private static AttributeType type(Object value) {
    return value instanceof String
        ? AttributeType.STRING
        : value instanceof Long
            ? AttributeType.INT
            : value instanceof Double
                ? AttributeType.DOUBLE
                : value instanceof Boolean ? AttributeType.BOOL : AttributeType.JSON;
  }

  private void map(MapVector map, int row, Map<String, Object> entries) {
    StructVector structs = (StructVector) map.getDataVector();
    int index = map.startNewValue(row);
    for (Map.Entry<String, Object> entry : entries.entrySet()) {
      structs.setIndexDefined(index);
      set(structs.getChildByOrdinal(0), index, entry.getKey());
      set(structs.getChildByOrdinal(1), index, entry.getValue());
      index++;
    }
    map.endValue(row, entries.size());
  }

  private void set(String column, int row, Object value) {
    FieldVector vector = root.getVector(column);
    if (vector == null) {
      throw new IllegalArgumentException("no wire column " + column);
    }
    set(vector, row, value);
  }

  private static void set(ValueVector vector, int index, Object value) {
    if (vector instanceof VarCharVector text) {
      text.setSafe(index, value.toString().getBytes(StandardCharsets.UTF_8));
    } else if (vector instanceof BigIntVector integers) {
      integers.setSafe(index, (Long) value);
    } else if (vector instanceof IntVector integers) {
      integers.setSafe(index, (Integer) value);
    } else if (vector instanceof Float8Vector reals) {
      reals.setSafe(index, (Double) value);
    } else {
      ((BitVector) vector).setSafe(index, (Boolean) value ? 1 : 0);
    }
  }
}
