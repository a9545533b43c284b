package io.signaldb.it;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.signaldb.querier.TestSpan;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The spans of OTLP requests as the reference evaluator has them, and the other way round. */
final class ReferenceSpans {
  private ReferenceSpans() {}

  static List<TestSpan> of(ExportTraceServiceRequest request) {
    List<TestSpan> spans = new ArrayList<>();
    for (ResourceSpans ofResource : request.getResourceSpansList()) {
      for (ScopeSpans ofScope : ofResource.getScopeSpansList()) {
        for (Span span : ofScope.getSpansList()) {
          spans.add(of(span, ofResource.getResource(), ofScope.getScope()));
        }
      }
    }
    return spans;
  }

  private static TestSpan of(Span span, Resource resource, InstrumentationScope scope) {
    long start = span.getStartTimeUnixNano();
    TestSpan result =
        TestSpan.root(Spans.hex(span.getTraceId()), Spans.hex(span.getSpanId()), 0)
            .childOf(Spans.hex(span.getParentSpanId()))
            .at(start)
            .lasting(span.getEndTimeUnixNano() - start)
            .named(span.getName())
            .kind(span.getKindValue())
            .status(span.getStatus().getCodeValue(), span.getStatus().getMessage())
            .instrumentedBy(scope.getName(), scope.getVersion());
    for (Map.Entry<String, Object> entry : values(resource.getAttributesList()).entrySet()) {
      result =
          entry.getKey().equals("service.name")
              ? result.of((String) entry.getValue())
              : result.withResource(entry.getKey(), entry.getValue());
    }
    for (Map.Entry<String, Object> entry : values(scope.getAttributesList()).entrySet()) {
      result = result.withScope(entry.getKey(), entry.getValue());
    }
    for (Map.Entry<String, Object> entry : values(span.getAttributesList()).entrySet()) {
      result = result.with(entry.getKey(), entry.getValue());
    }
    for (Span.Event event : span.getEventsList()) {
      result =
          result.withEvent(
              event.getName(), event.getTimeUnixNano() - start, values(event.getAttributesList()));
    }
    for (Span.Link link : span.getLinksList()) {
      result =
          result.withLink(
              Spans.hex(link.getTraceId()),
              Spans.hex(link.getSpanId()),
              values(link.getAttributesList()));
    }
    return result;
  }

  private static Map<String, Object> values(List<KeyValue> attributes) {
    Map<String, Object> values = new LinkedHashMap<>();
    attributes.forEach(attribute -> values.put(attribute.getKey(), value(attribute.getValue())));
    return values;
  }

  private static Object value(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case INT_VALUE -> value.getIntValue();
      case DOUBLE_VALUE -> value.getDoubleValue();
      case BOOL_VALUE -> value.getBoolValue();
      case ARRAY_VALUE -> new TestSpan.Json(texts(value.getArrayValue()));
      case KVLIST_VALUE, BYTES_VALUE, STRING_VALUE_STRINDEX, VALUE_NOT_SET ->
          throw new IllegalArgumentException(
              "The test sends no " + value.getValueCase() + ": expected a plain value or texts");
    };
  }

  private static String texts(ArrayValue array) {
    return array.getValuesList().stream()
        .map(element -> "{\"stringValue\":\"%s\"}".formatted(element.getStringValue()))
        .collect(Collectors.joining(",", "{\"arrayValue\":{\"values\":[", "]}}"));
  }

  /** A request with the spans, each with a resource and a scope of its own. */
  static ExportTraceServiceRequest request(List<TestSpan> spans) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    for (TestSpan span : spans) {
      request
          .addResourceSpansBuilder()
          .setResource(Resource.newBuilder().addAllAttributes(attributes(span.resource())))
          .addScopeSpansBuilder()
          .setScope(
              InstrumentationScope.newBuilder()
                  .setName(span.scopeName())
                  .setVersion(span.scopeVersion())
                  .addAllAttributes(attributes(span.scope())))
          .addSpans(span(span));
    }
    return request.build();
  }

  private static Span span(TestSpan span) {
    Span.Builder result =
        Span.newBuilder()
            .setTraceId(id(span.traceId()))
            .setSpanId(id(span.spanId()))
            .setParentSpanId(id(span.parentId()))
            .setName(span.name())
            .setKindValue(span.kind())
            .setStatus(
                Status.newBuilder().setCodeValue(span.status()).setMessage(span.statusMessage()))
            .setStartTimeUnixNano(span.startUnixNano())
            .setEndTimeUnixNano(span.startUnixNano() + span.durationNanos())
            .addAllAttributes(attributes(span.attributes()));
    span.events()
        .forEach(
            event ->
                result
                    .addEventsBuilder()
                    .setName(event.name())
                    .setTimeUnixNano(event.unixNano())
                    .addAllAttributes(attributes(event.attributes())));
    span.links()
        .forEach(
            link ->
                result
                    .addLinksBuilder()
                    .setTraceId(id(link.traceId()))
                    .setSpanId(id(link.spanId()))
                    .addAllAttributes(attributes(link.attributes())));
    return result.build();
  }

  private static ByteString id(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static List<KeyValue> attributes(Map<String, Object> values) {
    return values.entrySet().stream()
        .map(
            entry ->
                KeyValue.newBuilder()
                    .setKey(entry.getKey())
                    .setValue(value(entry.getValue()))
                    .build())
        .toList();
  }

  private static AnyValue value(Object value) {
    AnyValue.Builder any = AnyValue.newBuilder();
    if (value instanceof TestSpan.Json json) {
      try {
        JsonFormat.parser().merge(json.text(), any);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalArgumentException(json.text(), e);
      }
      return any.build();
    }
    if (value instanceof String text) {
      return any.setStringValue(text).build();
    }
    if (value instanceof Long integer) {
      return any.setIntValue(integer).build();
    }
    return value instanceof Double real
        ? any.setDoubleValue(real).build()
        : any.setBoolValue((Boolean) value).build();
  }
}
