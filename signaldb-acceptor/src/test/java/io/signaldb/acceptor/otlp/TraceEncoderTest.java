package io.signaldb.acceptor.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.signaldb.common.schema.Schemas;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TraceEncoderTest {
  private static final long NOW = 1_767_225_600_000_000_000L;
  private static final long HOUR = Duration.ofHours(1).toNanos();
  private static final RowLimits LIMITS =
      new RowLimits(Duration.ofHours(1), Duration.ofHours(336), 2 << 20, 64);

  private final OtlpEncoder<ExportTraceServiceRequest> encoder =
      OtlpEncoder.traces(
          Schemas.load(), LIMITS, Clock.fixed(Instant.ofEpochSecond(0, NOW), ZoneOffset.UTC));

  @Test
  void keepsEveryFieldOfASpan() {
    Span span =
        Span.newBuilder()
            .setTraceId(ByteString.fromHex("000102030405060708090a0b0c0d0e0f"))
            .setSpanId(ByteString.fromHex("f0f1f2f3f4f5f6f7"))
            .setParentSpanId(ByteString.fromHex("a0a1a2a3a4a5a6a7"))
            .setTraceState("vendor=1")
            .setFlags(0x301)
            .setName("GET /orders")
            .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
            .setStartTimeUnixNano(NOW + 1)
            .setEndTimeUnixNano(NOW + 12)
            .setDroppedAttributesCount(1)
            .setDroppedEventsCount(2)
            .setDroppedLinksCount(-1)
            .setStatus(
                Status.newBuilder()
                    .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                    .setMessage("no stock"))
            .addAttributes(attribute("http.route", text("/orders")))
            .addAttributes(attribute("http.response.status_code", integer(503)))
            .addAttributes(attribute("http.request.method", integer(7)))
            .addAttributes(attribute("my.text", text("")))
            .addAttributes(attribute("my.int", integer(Long.MIN_VALUE)))
            .addAttributes(attribute("my.double", real(-0.5)))
            .addAttributes(attribute("my.bool", bool(false)))
            .addAttributes(attribute("gen_ai.request.top_p", real(Double.NaN)))
            .addAttributes(attribute("faas.coldstart", bool(true)))
            .addAttributes(attribute("my.bytes", bytes(0, 255)))
            .addAttributes(attribute("my.nothing", AnyValue.getDefaultInstance()))
            .addAttributes(
                attribute(
                    "my.list",
                    array(
                        text("a\"b"),
                        integer(Long.MAX_VALUE),
                        real(Double.POSITIVE_INFINITY),
                        bool(true),
                        AnyValue.getDefaultInstance(),
                        keyValues(attribute("k", bytes(1))))))
            .addEvents(
                Span.Event.newBuilder()
                    .setTimeUnixNano(NOW + 3)
                    .setName("exception")
                    .setDroppedAttributesCount(4)
                    .addAttributes(attribute("exception.type", text("E")))
                    .addAttributes(attribute("attempt", integer(2))))
            .addEvents(Span.Event.getDefaultInstance())
            .addLinks(
                Span.Link.newBuilder()
                    .setTraceId(ByteString.fromHex("0f0102030405060708090a0b0c0d0e0f"))
                    .setSpanId(ByteString.fromHex("00f1f2f3f4f5f6f7"))
                    .setTraceState("link=1")
                    .setFlags(1)
                    .setDroppedAttributesCount(5)
                    .addAttributes(attribute("why", real(1.5))))
            .build();
    ResourceSpans resource =
        ResourceSpans.newBuilder()
            .setSchemaUrl("https://opentelemetry.io/schemas/1.37.0")
            .setResource(
                Resource.newBuilder()
                    .setDroppedAttributesCount(6)
                    .addAttributes(attribute("service.name", text("shop")))
                    .addAttributes(attribute("process.pid", integer(42)))
                    .addAttributes(attribute("team", text("blue"))))
            .addScopeSpans(
                ScopeSpans.newBuilder()
                    .setSchemaUrl("https://opentelemetry.io/schemas/1.36.0")
                    .setScope(
                        InstrumentationScope.newBuilder()
                            .setName("http")
                            .setVersion("2.1")
                            .setDroppedAttributesCount(7)
                            .addAttributes(attribute("short", bool(true))))
                    .addSpans(span))
            .build();

    EncodedRequest encoded = encoder.encode(request(resource));

    assertThat(encoded.accepted()).isEqualTo(1);
    assertThat(encoded.rejected()).isZero();
    assertThat(encoded.message()).isEmpty();
    assertThat(IpcRows.read(encoded.batches().get(0).ipc()).rows())
        .containsExactly(
            Map.ofEntries(
                Map.entry("trace_id", "000102030405060708090a0b0c0d0e0f"),
                Map.entry("span_id", "f0f1f2f3f4f5f6f7"),
                Map.entry("parent_span_id", "a0a1a2a3a4a5a6a7"),
                Map.entry("trace_state", "vendor=1"),
                Map.entry("flags", 0x301),
                Map.entry("name", "GET /orders"),
                Map.entry("service_name", "shop"),
                Map.entry("span_kind", "Client"),
                Map.entry("span_kind_number", 3),
                Map.entry("start_time_unix_nano", NOW + 1),
                Map.entry("end_time_unix_nano", NOW + 12),
                Map.entry("duration_nano", 11L),
                Map.entry("status_code", "Error"),
                Map.entry("status_code_number", 2),
                Map.entry("status_message", "no stock"),
                Map.entry("is_root", false),
                Map.entry("dropped_attributes_count", 1),
                Map.entry("dropped_events_count", 2),
                Map.entry("dropped_links_count", -1),
                Map.entry("span_attr_http_route", "/orders"),
                Map.entry("span_attr_http_response_status_code", 503L),
                Map.entry("span_attr_gen_ai_request_top_p", Double.NaN),
                Map.entry("span_attr_faas_coldstart", true),
                Map.entry("attributes", Map.of("my.text", "")),
                Map.entry(
                    "attributes_int", Map.of("http.request.method", 7L, "my.int", Long.MIN_VALUE)),
                Map.entry("attributes_double", Map.of("my.double", -0.5)),
                Map.entry("attributes_bool", Map.of("my.bool", false)),
                Map.entry(
                    "attributes_json",
                    Map.of(
                        "my.bytes",
                        "{\"bytesValue\":\"AP8=\"}",
                        "my.nothing",
                        "{}",
                        "my.list",
                        "{\"arrayValue\":{\"values\":[{\"stringValue\":\"a\\\"b\"},"
                            + "{\"intValue\":\"9223372036854775807\"},"
                            + "{\"doubleValue\":\"Infinity\"},{\"boolValue\":true},{},"
                            + "{\"kvlistValue\":{\"values\":[{\"key\":\"k\","
                            + "\"value\":{\"bytesValue\":\"AQ==\"}}]}}]}}")),
                Map.entry(
                    "events",
                    List.of(
                        Map.of(
                            "time_unix_nano",
                            NOW + 3,
                            "name",
                            "exception",
                            "dropped_attributes_count",
                            4,
                            "attributes",
                            Map.of("exception.type", "E"),
                            "attributes_int",
                            Map.of("attempt", 2L)),
                        Map.of())),
                Map.entry(
                    "links",
                    List.of(
                        Map.of(
                            "trace_id",
                            "0f0102030405060708090a0b0c0d0e0f",
                            "span_id",
                            "00f1f2f3f4f5f6f7",
                            "trace_state",
                            "link=1",
                            "flags",
                            1,
                            "dropped_attributes_count",
                            5,
                            "attributes_double",
                            Map.of("why", 1.5)))),
                Map.entry("resource_schema_url", "https://opentelemetry.io/schemas/1.37.0"),
                Map.entry("resource_dropped_attributes_count", 6),
                Map.entry("resource_attr_service_name", "shop"),
                Map.entry("resource_attr_process_pid", 42L),
                Map.entry("resource_attributes", Map.of("team", "blue")),
                Map.entry("scope_name", "http"),
                Map.entry("scope_version", "2.1"),
                Map.entry("scope_schema_url", "https://opentelemetry.io/schemas/1.36.0"),
                Map.entry("scope_dropped_attributes_count", 7),
                Map.entry("scope_attributes_bool", Map.of("short", true))));
  }

  @Test
  void writesOnlyColumnsWithValues() {
    IpcRows rows = encodeOne(span(1).build());

    assertThat(rows.columns())
        .containsExactlyInAnyOrder(
            "trace_id",
            "span_id",
            "name",
            "start_time_unix_nano",
            "end_time_unix_nano",
            "duration_nano",
            "span_kind",
            "span_kind_number",
            "status_code",
            "status_code_number",
            "is_root",
            "resource");
    assertThat(rows.rows().get(0))
        .containsEntry("service_name", "unknown")
        .containsEntry("is_root", true)
        .containsEntry("span_kind", "Internal")
        .containsEntry("span_kind_number", 0)
        .containsEntry("status_code", "Unspecified");
  }

  @Test
  void takesAnAllZeroParentForNone() {
    IpcRows rows = encodeOne(span(1).setParentSpanId(ByteString.copyFrom(new byte[8])).build());

    assertThat(rows.rows().get(0))
        .containsEntry("is_root", true)
        .doesNotContainKey("parent_span_id");
  }

  @Test
  void keepsTheLastOfDuplicateKeys() {
    Span.Builder few =
        span(1)
            .addAttributes(attribute("http.route", text("first")))
            .addAttributes(attribute("http.route", text("last")))
            .addAttributes(attribute("k", text("text")))
            .addAttributes(attribute("k", integer(1)));
    Span.Builder many = few.clone().setSpanId(spanId(2));
    for (int i = 0; i < 100; i++) {
      many.addAttributes(attribute("other", integer(i)));
    }

    IpcRows rows = encodeOne(few.build(), many.build());

    assertThat(rows.rows().get(0))
        .containsEntry("span_attr_http_route", "last")
        .containsEntry("attributes_int", Map.of("k", 1L))
        .doesNotContainKey("attributes");
    assertThat(rows.rows().get(1))
        .containsEntry("span_attr_http_route", "last")
        .containsEntry("attributes_int", Map.of("k", 1L, "other", 99L))
        .doesNotContainKey("attributes");
  }

  @Test
  void storesTextsOfAMegabyte() {
    String large = "é".repeat(1 << 19);

    IpcRows rows =
        encodeOne(
            span(1)
                .addAttributes(attribute("http.route", text(large)))
                .addAttributes(attribute("k", text(large)))
                .build());

    assertThat(rows.rows().get(0))
        .containsEntry("span_attr_http_route", large)
        .containsEntry("attributes", Map.of("k", large));
  }

  @Test
  void writesTextsThatRepeatAsADictionaryAndOthersPlain() {
    Span[] spans = new Span[300];
    for (int i = 0; i < spans.length; i++) {
      spans[i] =
          span(i + 1)
              .setName("name-" + i % 150)
              .addAttributes(attribute("http.route", text("route-" + i % 3)))
              .addAttributes(attribute("url.path", text("path-" + i)))
              .build();
    }

    IpcRows rows = encodeOne(spans);

    assertThat(rows.dictionary("span_attr_http_route").getIndexType())
        .isEqualTo(new ArrowType.Int(8, true));
    assertThat(rows.dictionary("name")).as("half of the texts are new").isNull();
    assertThat(rows.dictionary("span_id")).isNull();
    assertThat(rows.dictionary("span_attr_url_path")).isNull();
    for (int i = 0; i < spans.length; i++) {
      assertThat(rows.rows().get(i))
          .containsEntry("name", "name-" + i % 150)
          .containsEntry("span_attr_http_route", "route-" + i % 3)
          .containsEntry("span_attr_url_path", "path-" + i);
    }
  }

  @Test
  void widensTheIndexOfADictionaryWithItsSize() {
    Span[] spans = new Span[2000];
    for (int i = 0; i < spans.length; i++) {
      spans[i] = span(i + 1).setName("name-" + (i < 1000 ? i % 20 : i % 400)).build();
    }

    IpcRows rows = encodeOne(spans);

    assertThat(rows.dictionary("name").getIndexType()).isEqualTo(new ArrowType.Int(16, true));
    for (int i = 0; i < spans.length; i++) {
      assertThat(rows.rows().get(i)).containsEntry("name", spans[i].getName());
    }
  }

  @Test
  void writesEqualResourcesOnce() {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    for (int i = 0; i < 100; i++) {
      request.addResourceSpans(
          ResourceSpans.newBuilder()
              .setResource(
                  Resource.newBuilder()
                      .addAttributes(attribute("service.name", text("s" + i % 2)))
                      .addAttributes(attribute("long", text("x".repeat(10_000)))))
              .addScopeSpans(
                  ScopeSpans.newBuilder()
                      .setScope(InstrumentationScope.newBuilder().setName("a"))
                      .addSpans(span(i + 1))));
    }

    EncodedRequest encoded = encoder.encode(request.build());

    assertThat(encoded.batches().get(0).ipc().remaining()).isLessThan(40_000);
    IpcRows rows = IpcRows.read(encoded.batches().get(0).ipc());
    assertThat(rows.dictionary("resource").getIndexType()).isEqualTo(new ArrowType.Int(32, true));
    for (int i = 0; i < 100; i++) {
      assertThat(rows.rows().get(i)).containsEntry("service_name", "s" + i % 2);
    }
  }

  @Test
  void carriesNothingFromOneRequestToTheNext() {
    Span[] large = new Span[1000];
    for (int i = 0; i < large.length; i++) {
      large[i] =
          span(i + 1)
              .addAttributes(attribute("secret", text("secret-" + i)))
              .addAttributes(attribute("url.path", text("secret-" + i)))
              .addAttributes(attribute("http.response.status_code", integer(0x5ec12e7)))
              .build();
    }
    encodeOne(large);

    Span.Builder first = span(1);
    Span.Builder last =
        span(2)
            .addAttributes(attribute("url.path", text("/")))
            .addAttributes(attribute("http.response.status_code", integer(1)));
    ResourceSpans resource =
        ResourceSpans.newBuilder()
            .addScopeSpans(ScopeSpans.newBuilder().addSpans(first).addSpans(last))
            .build();
    byte[] ipc = bytes(encoder.encode(request(resource)));

    assertThat(new String(ipc, java.nio.charset.StandardCharsets.ISO_8859_1))
        .doesNotContain("secret");
    assertThat(ipc)
        .isEqualTo(
            bytes(
                OtlpEncoder.traces(
                        Schemas.load(),
                        LIMITS,
                        Clock.fixed(Instant.ofEpochSecond(0, NOW), ZoneOffset.UTC))
                    .encode(request(resource))));
  }

  @Test
  void answersAnEmptyRequestWithNothing() {
    assertThat(encoder.encode(ExportTraceServiceRequest.getDefaultInstance()))
        .isEqualTo(new EncodedRequest(List.of(), 0, 0, ""));
  }

  static Stream<Arguments> badSpans() {
    return Stream.of(
        bad(span -> span.clearTraceId(), "trace_id is empty, expected 16 bytes"),
        bad(
            span -> span.setTraceId(ByteString.copyFrom(new byte[16])),
            "trace_id is all zeros, expected 16 bytes"),
        bad(
            span -> span.setTraceId(ByteString.fromHex("0102")),
            "trace_id 0102 has 2 bytes, expected 16 bytes"),
        bad(
            span -> span.setTraceId(ByteString.copyFrom(new byte[1000])),
            "… has 1000 bytes, expected 16"),
        bad(span -> span.clearSpanId(), "span_id is empty, expected 8 bytes"),
        bad(span -> span.setSpanId(ByteString.copyFrom(new byte[8])), "span_id is all zeros"),
        bad(
            span -> span.setSpanId(ByteString.fromHex("010203040506070809")),
            "span_id 010203040506070809 has 9 bytes"),
        bad(
            span -> span.setParentSpanId(ByteString.fromHex("01")),
            "parent_span_id 01 has 1 bytes, expected none or 8"),
        bad(span -> span.clearStartTimeUnixNano(), "start_time_unix_nano is 0"),
        bad(span -> span.clearEndTimeUnixNano(), "end_time_unix_nano is 0"),
        bad(
            span -> span.setStartTimeUnixNano(NOW).setEndTimeUnixNano(NOW - 1),
            "end_time_unix_nano 1767225599999999999 is before start_time_unix_nano 1767225600000000000"),
        bad(
            span -> span.setStartTimeUnixNano(NOW + HOUR + 1).setEndTimeUnixNano(NOW + HOUR + 1),
            "start_time_unix_nano 1767229200000000001 is more than PT1H after now (1767225600000000000)"),
        bad(
            span -> span.setEndTimeUnixNano(NOW + HOUR + 1),
            "end_time_unix_nano 1767229200000000001 is more than PT1H after now"),
        bad(
            span -> span.setStartTimeUnixNano(NOW - 336 * HOUR - 1),
            "start_time_unix_nano 1766015999999999999 is more than PT336H before now"),
        bad(
            span -> span.setStartTimeUnixNano(-2).setEndTimeUnixNano(-1),
            "start_time_unix_nano 18446744073709551614 is more than PT1H after now"),
        bad(
            span -> span.addAttributes(attribute("deep", nested(65))),
            "attribute 'deep' is nested more than 64 levels deep"),
        bad(
            span ->
                span.addEvents(
                    Span.Event.newBuilder().addAttributes(attribute("deep", nested(65)))),
            "attribute 'deep' is nested"),
        bad(
            span ->
                span.addLinks(Span.Link.newBuilder().addAttributes(attribute("deep", nested(65)))),
            "attribute 'deep' is nested"),
        bad(
            span -> span.addAttributes(attribute("large", text("é".repeat((1 << 20) + 1)))),
            "attribute 'large' has a value of 2097154 bytes, expected at most 2097152"),
        bad(
            span -> span.addAttributes(attribute("large", bytes(new int[(2 << 20) + 1]))),
            "attribute 'large' has a value of 2097153 bytes"));
  }

  @ParameterizedTest
  @MethodSource("badSpans")
  void rejectsOnlyTheSpanThatCannotBeStored(Consumer<Span.Builder> damage, String message) {
    Span.Builder bad = span(2);
    damage.accept(bad);

    EncodedRequest encoded =
        encoder.encode(requestOf(span(1).build(), bad.build(), span(3).build()));

    assertThat(encoded.accepted()).isEqualTo(2);
    assertThat(encoded.rejected()).isEqualTo(1);
    assertThat(encoded.message()).startsWith("1 span rejected: ").contains(message);
    assertThat(IpcRows.read(encoded.batches().get(0).ipc()).rows())
        .extracting(row -> row.get("span_id"))
        .containsExactly("0000000000000001", "0000000000000003");
  }

  @Test
  void acceptsWhatIsJustWithinTheLimits() {
    EncodedRequest encoded =
        encoder.encode(
            requestOf(
                span(1).setStartTimeUnixNano(NOW + HOUR).setEndTimeUnixNano(NOW + HOUR).build(),
                span(2).setStartTimeUnixNano(NOW - 336 * HOUR).build(),
                span(3).addAttributes(attribute("deep", nested(64))).build(),
                span(4).addAttributes(attribute("large", text("x".repeat(2 << 20)))).build()));

    assertThat(encoded.accepted()).isEqualTo(4);
    assertThat(encoded.message()).isEmpty();
  }

  @Test
  void tellsEachKindOfRejectionOnce() {
    EncodedRequest encoded =
        encoder.encode(
            requestOf(
                span(1).clearTraceId().build(),
                span(2).clearStartTimeUnixNano().build(),
                span(3).setTraceId(ByteString.fromHex("ff")).build()));

    assertThat(encoded.batches()).isEmpty();
    assertThat(encoded.rejected()).isEqualTo(3);
    assertThat(encoded.message())
        .isEqualTo(
            "2 spans rejected: trace_id is empty, expected 16 bytes that are not all zero;"
                + " 1 span rejected: start_time_unix_nano is 0");
  }

  @Test
  void rejectsAllSpansOfAResourceThatCannotBeStored() {
    ResourceSpans bad =
        ResourceSpans.newBuilder()
            .setResource(Resource.newBuilder().addAttributes(attribute("deep", nested(65))))
            .addScopeSpans(ScopeSpans.newBuilder().addSpans(span(1)).addSpans(span(2)))
            .build();
    ResourceSpans good =
        ResourceSpans.newBuilder().addScopeSpans(ScopeSpans.newBuilder().addSpans(span(3))).build();

    EncodedRequest encoded = encoder.encode(request(bad, good));

    assertThat(encoded.accepted()).isEqualTo(1);
    assertThat(encoded.message())
        .isEqualTo("2 spans rejected: attribute 'deep' is nested more than 64 levels deep");
  }

  private IpcRows encodeOne(Span... spans) {
    EncodedRequest encoded = encoder.encode(requestOf(spans));
    assertThat(encoded.message()).isEmpty();
    return IpcRows.read(encoded.batches().get(0).ipc());
  }

  private static byte[] bytes(EncodedRequest encoded) {
    byte[] bytes = new byte[encoded.batches().get(0).ipc().remaining()];
    encoded.batches().get(0).ipc().get(bytes);
    return bytes;
  }

  private static ExportTraceServiceRequest requestOf(Span... spans) {
    return request(
        ResourceSpans.newBuilder()
            .addScopeSpans(ScopeSpans.newBuilder().addAllSpans(List.of(spans)))
            .build());
  }

  private static ExportTraceServiceRequest request(ResourceSpans... resources) {
    return ExportTraceServiceRequest.newBuilder().addAllResourceSpans(List.of(resources)).build();
  }

  private static Span.Builder span(int id) {
    return Span.newBuilder()
        .setTraceId(ByteString.fromHex("000102030405060708090a0b0c0d0e0f"))
        .setSpanId(spanId(id))
        .setName("work")
        .setStartTimeUnixNano(NOW - 10)
        .setEndTimeUnixNano(NOW);
  }

  private static ByteString spanId(int id) {
    return ByteString.fromHex("%016x".formatted(id));
  }

  private static Arguments bad(Consumer<Span.Builder> damage, String message) {
    return Arguments.of(damage, message);
  }

  private static AnyValue nested(int levels) {
    AnyValue value = text("bottom");
    for (int i = 0; i < levels; i++) {
      value = i % 2 == 0 ? array(value) : keyValues(attribute("k", value));
    }
    return value;
  }

  static KeyValue attribute(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  static AnyValue text(String value) {
    return AnyValue.newBuilder().setStringValue(value).build();
  }

  static AnyValue integer(long value) {
    return AnyValue.newBuilder().setIntValue(value).build();
  }

  static AnyValue real(double value) {
    return AnyValue.newBuilder().setDoubleValue(value).build();
  }

  static AnyValue bool(boolean value) {
    return AnyValue.newBuilder().setBoolValue(value).build();
  }

  static AnyValue bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return AnyValue.newBuilder().setBytesValue(ByteString.copyFrom(bytes)).build();
  }

  static AnyValue array(AnyValue... values) {
    return AnyValue.newBuilder()
        .setArrayValue(ArrayValue.newBuilder().addAllValues(List.of(values)))
        .build();
  }

  static AnyValue keyValues(KeyValue... values) {
    return AnyValue.newBuilder()
        .setKvlistValue(KeyValueList.newBuilder().addAllValues(List.of(values)))
        .build();
  }
}
