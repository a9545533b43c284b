package io.signaldb.acceptor.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.signaldb.common.schema.AttributeLocation;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.common.schema.AttributeType;
import io.signaldb.common.schema.Schemas;
import io.signaldb.common.schema.TableSchema;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Random requests, encoded, read back by Arrow's reader and compared with what was sent. */
class RandomTracesTest {
  private static final long NOW = RandomTraces.NOW;
  private static final String[] SPAN_KINDS = {
    "Internal", "Internal", "Server", "Client", "Producer", "Consumer"
  };
  private static final String[] STATUS_CODES = {"Unspecified", "Ok", "Error"};
  private final TableSchema table = Schemas.load().table("traces");
  private final OtlpEncoder<ExportTraceServiceRequest> encoder =
      OtlpEncoder.traces(
          Schemas.load(),
          RowLimits.DEFAULT,
          Clock.fixed(Instant.ofEpochSecond(0, NOW), ZoneOffset.UTC));

  @Test
  void readsBackWhatWasSent() {
    for (int seed = 0; seed < 40; seed++) {
      ExportTraceServiceRequest request = new RandomTraces(seed).request();
      List<Map<String, Object>> expected = new ArrayList<>();
      int spans = 0;
      for (ResourceSpans resource : request.getResourceSpansList()) {
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          for (Span span : scope.getSpansList()) {
            spans++;
            if (!span.getTraceId().isEmpty()) {
              expected.add(row(resource, scope, span));
            }
          }
        }
      }

      EncodedRequest encoded = encoder.encode(request);

      assertThat(encoded.accepted()).as("seed %d", seed).isEqualTo(expected.size());
      assertThat(encoded.accepted() + encoded.rejected()).isEqualTo(spans);
      List<Map<String, Object>> actual =
          encoded.batches().stream()
              .findFirst()
              .map(batch -> IpcRows.read(batch.ipc()).rows())
              .orElse(List.of());
      actual.forEach(RandomTracesTest::parseJson);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i)).as("seed %d, row %d", seed, i).isEqualTo(expected.get(i));
      }
    }
  }

  private Map<String, Object> row(ResourceSpans resource, ScopeSpans scope, Span span) {
    Map<String, Object> row = new TreeMap<>();
    row.put("trace_id", hex(span.getTraceId()));
    row.put("span_id", hex(span.getSpanId()));
    put(row, "parent_span_id", hex(span.getParentSpanId()));
    put(row, "trace_state", span.getTraceState());
    put(row, "flags", span.getFlags());
    row.put("name", span.getName());
    row.put("span_kind", SPAN_KINDS[span.getKindValue()]);
    row.put("span_kind_number", span.getKindValue());
    row.put("start_time_unix_nano", span.getStartTimeUnixNano());
    row.put("end_time_unix_nano", span.getEndTimeUnixNano());
    row.put("duration_nano", span.getEndTimeUnixNano() - span.getStartTimeUnixNano());
    row.put("status_code", STATUS_CODES[span.getStatus().getCodeValue()]);
    row.put("status_code_number", span.getStatus().getCodeValue());
    put(row, "status_message", span.getStatus().getMessage());
    row.put("is_root", span.getParentSpanId().isEmpty());
    put(row, "dropped_attributes_count", span.getDroppedAttributesCount());
    put(row, "dropped_events_count", span.getDroppedEventsCount());
    put(row, "dropped_links_count", span.getDroppedLinksCount());
    attributes(row, AttributeScope.SPAN, span.getAttributesList());
    list(
        row,
        "events",
        span.getEventsList(),
        (element, event) -> {
          put(element, "time_unix_nano", event.getTimeUnixNano());
          put(element, "name", event.getName());
          put(element, "dropped_attributes_count", event.getDroppedAttributesCount());
          attributes(element, AttributeScope.EVENT, event.getAttributesList());
        });
    list(
        row,
        "links",
        span.getLinksList(),
        (element, link) -> {
          put(element, "trace_id", hex(link.getTraceId()));
          put(element, "span_id", hex(link.getSpanId()));
          put(element, "trace_state", link.getTraceState());
          put(element, "flags", link.getFlags());
          put(element, "dropped_attributes_count", link.getDroppedAttributesCount());
          attributes(element, AttributeScope.LINK, link.getAttributesList());
        });
    Resource described = resource.getResource();
    put(row, "resource_schema_url", resource.getSchemaUrl());
    put(row, "resource_dropped_attributes_count", described.getDroppedAttributesCount());
    attributes(row, AttributeScope.RESOURCE, described.getAttributesList());
    Object service = row.get("resource_attr_service_name");
    row.put("service_name", service == null || service.equals("") ? "unknown" : service);
    put(row, "scope_name", scope.getScope().getName());
    put(row, "scope_version", scope.getScope().getVersion());
    put(row, "scope_schema_url", scope.getSchemaUrl());
    put(row, "scope_dropped_attributes_count", scope.getScope().getDroppedAttributesCount());
    attributes(row, AttributeScope.SCOPE, scope.getScope().getAttributesList());
    return row;
  }

  private static <T> void list(
      Map<String, Object> row,
      String column,
      List<T> messages,
      BiConsumer<Map<String, Object>, T> describe) {
    List<Object> elements = new ArrayList<>();
    for (T message : messages) {
      Map<String, Object> element = new TreeMap<>();
      describe.accept(element, message);
      elements.add(element);
    }
    if (!elements.isEmpty()) {
      row.put(column, elements);
    }
  }

  private void attributes(
      Map<String, Object> row, AttributeScope scope, List<KeyValue> attributes) {
    Map<String, AnyValue> last = new TreeMap<>();
    attributes.forEach(attribute -> last.put(attribute.getKey(), attribute.getValue()));
    last.forEach(
        (key, value) -> {
          AttributeType type = type(value);
          AttributeLocation location = table.attributes().locate(scope, key, type);
          if (location instanceof AttributeLocation.InMap map) {
            String column =
                scope == AttributeScope.SPAN ? type.mapColumn("attributes") : map.column();
            @SuppressWarnings("unchecked")
            Map<String, Object> entries =
                (Map<String, Object>) row.computeIfAbsent(column, absent -> new TreeMap<>());
            entries.put(key, plain(value));
          } else {
            row.put(location.column(), plain(value));
          }
        });
  }

  private static AttributeType type(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> AttributeType.STRING;
      case INT_VALUE -> AttributeType.INT;
      case DOUBLE_VALUE -> AttributeType.DOUBLE;
      case BOOL_VALUE -> AttributeType.BOOL;
      default -> AttributeType.JSON;
    };
  }

  private static Object plain(AnyValue value) {
    return switch (type(value)) {
      case STRING -> value.getStringValue();
      case INT -> value.getIntValue();
      case DOUBLE -> value.getDoubleValue();
      case BOOL -> value.getBoolValue();
      case JSON -> value;
    };
  }

  private static void put(Map<String, Object> row, String column, Object value) {
    if (!value.equals("") && !value.equals(0) && !value.equals(0L)) {
      row.put(column, value);
    }
  }

  private static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  /** Replaces the texts in maps of JSON values by what protobuf's own parser reads in them. */
  private static void parseJson(Map<String, Object> row) {
    row.replaceAll(
        (column, value) -> {
          if (column.endsWith("attributes_json")) {
            Map<String, Object> parsed = new TreeMap<>();
            ((Map<?, ?>) value)
                .forEach((key, json) -> parsed.put((String) key, parse((String) json)));
            return parsed;
          }
          if (value instanceof List<?> elements) {
            List<Object> parsed = new ArrayList<>();
            for (Object element : elements) {
              Map<String, Object> fields = new TreeMap<>();
              ((Map<?, ?>) element).forEach((name, field) -> fields.put((String) name, field));
              parseJson(fields);
              parsed.add(fields);
            }
            return parsed;
          }
          return value;
        });
  }

  private static AnyValue parse(String json) {
    try {
      AnyValue.Builder value = AnyValue.newBuilder();
      JsonFormat.parser().merge(json, value);
      return value.build();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(json, e);
    }
  }
}
