package io.signaldb.acceptor.otlp;

import static io.signaldb.acceptor.otlp.TraceEncoderTest.attribute;
import static io.signaldb.acceptor.otlp.TraceEncoderTest.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.resource.v1.Resource;
import io.signaldb.common.schema.Schemas;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogEncoderTest {
  private static final Schemas SCHEMAS = Schemas.load();
  private static final long NOW = 1_764_000_000_000_000_000L;

  private final OtlpEncoder<ExportLogsServiceRequest> encoder = encoder(RowLimits.DEFAULT);

  @Test
  void keepsARecordWithATextBody() {
    LogRecord log =
        LogRecord.newBuilder()
            .setTimeUnixNano(NOW - 5)
            .setObservedTimeUnixNano(NOW)
            .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_WARN)
            .setSeverityText("warning")
            .setBody(text("disk is full"))
            .setTraceId(ByteString.fromHex("0102030405060708090a0b0c0d0e0f10"))
            .setSpanId(ByteString.fromHex("0102030405060708"))
            .setFlags(1)
            .setEventName("disk")
            .setDroppedAttributesCount(2)
            .addAttributes(attribute("exception.type", text("E")))
            .build();

    assertThat(onlyRow(log))
        .contains(
            entry("time_unix_nano", NOW - 5),
            entry("observed_time_unix_nano", NOW),
            entry("severity_number", 13),
            entry("severity_text", "warning"),
            entry("body", "disk is full"),
            entry("trace_id", "0102030405060708090a0b0c0d0e0f10"),
            entry("span_id", "0102030405060708"),
            entry("flags", 1),
            entry("event_name", "disk"),
            entry("dropped_attributes_count", 2),
            entry("log_attr_exception_type", "E"))
        .doesNotContainKey("body_json");
  }

  @Test
  void keepsABodyOfAnyType() {
    AnyValue map =
        AnyValue.newBuilder()
            .setKvlistValue(
                KeyValueList.newBuilder()
                    .addValues(attribute("k", AnyValue.newBuilder().setIntValue(1).build())))
            .build();
    AnyValue list =
        AnyValue.newBuilder()
            .setArrayValue(
                ArrayValue.newBuilder()
                    .addValues(text("a"))
                    .addValues(AnyValue.newBuilder().setBoolValue(true)))
            .build();
    AnyValue bytes =
        AnyValue.newBuilder().setBytesValue(ByteString.copyFrom(new byte[] {0, -1})).build();
    AnyValue integer = AnyValue.newBuilder().setIntValue(42).build();

    assertBody(
        map,
        "{\"k\":1}",
        "{\"kvlistValue\":{\"values\":[{\"key\":\"k\",\"value\":{\"intValue\":\"1\"}}]}}");
    assertBody(
        list,
        "[\"a\",true]",
        "{\"arrayValue\":{\"values\":[{\"stringValue\":\"a\"},{\"boolValue\":true}]}}");
    assertBody(bytes, "AP8=", "{\"bytesValue\":\"AP8=\"}");
    assertBody(integer, "42", "{\"intValue\":\"42\"}");
    assertBody(AnyValue.getDefaultInstance(), null, "{}");
    assertBody(text(""), "", null);
    assertThat(onlyRow(LogRecord.newBuilder().setTimeUnixNano(NOW).build()))
        .doesNotContainKeys("body", "body_json");
  }

  @Test
  void usesTheObservedTimeOfARecordWithoutATimestamp() {
    assertThat(onlyRow(LogRecord.newBuilder().setObservedTimeUnixNano(NOW - 7).build()))
        .contains(entry("observed_time_unix_nano", NOW - 7))
        .doesNotContainKey("time_unix_nano");
  }

  @Test
  void observesARecordWithoutAnyTimeWhenItArrives() {
    assertThat(onlyRow(LogRecord.newBuilder().setBody(text("x")).build()))
        .contains(entry("observed_time_unix_nano", NOW))
        .doesNotContainKey("time_unix_nano");
  }

  @Test
  void leavesOutOnlyTheRecordThatCannotBeStored() {
    LogRecord old = LogRecord.newBuilder().setTimeUnixNano(1_000).build();
    LogRecord good = LogRecord.newBuilder().setTimeUnixNano(NOW).build();

    EncodedRequest encoded = encoder.encode(request(old, good));

    assertThat(encoded.accepted()).isEqualTo(1);
    assertThat(encoded.rejected()).isEqualTo(1);
    assertThat(encoded.message())
        .startsWith("1 log record rejected: time_unix_nano 1000 is more than PT336H before now");
  }

  @Test
  void boundsTheBodyAsItDoesAttributes() {
    RowLimits strict =
        new RowLimits(RowLimits.DEFAULT.maxFuture(), RowLimits.DEFAULT.maxPast(), 3, 64);
    byte[] request =
        request(LogRecord.newBuilder().setTimeUnixNano(NOW).setBody(text("four")).build())
            .toByteArray();

    assertThat(encoder(strict).encode(request, 0, request.length)).isEmpty();
    assertThat(encoder(strict).encode(parse(request)).message())
        .contains("has a value of 4 bytes, expected at most 3");
  }

  @Test
  void encodesRequestsFromTheWireAsIfTheyWereParsed() {
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      ExportLogsServiceRequest request = request(record(random), record(random), record(random));
      byte[] bytes = request.toByteArray();

      Optional<EncodedRequest> fromWire = encoder.encode(bytes, 0, bytes.length);

      assertThat(fromWire).as("request %d", i).contains(encoder.encode(request));
    }
  }

  private static LogRecord record(Random random) {
    LogRecord.Builder log =
        LogRecord.newBuilder()
            .setTimeUnixNano(random.nextBoolean() ? NOW - random.nextInt(1000) : 0)
            .setObservedTimeUnixNano(NOW - random.nextInt(1000))
            .setSeverityNumberValue(random.nextInt(25))
            .setFlags(random.nextInt(3))
            .addAttributes(attribute("k", text("v" + random.nextInt(3))));
    switch (random.nextInt(4)) {
      case 0 -> log.setBody(text("x".repeat(random.nextInt(300))));
      case 1 -> log.setBody(AnyValue.newBuilder().setDoubleValue(random.nextGaussian()));
      case 2 -> log.setBody(AnyValue.getDefaultInstance());
      default -> log.setSeverityText("ERROR").setEventName("e" + random.nextInt(2));
    }
    return log.build();
  }

  private void assertBody(AnyValue body, @Nullable String shown, @Nullable String json) {
    Map<String, Object> row =
        onlyRow(LogRecord.newBuilder().setTimeUnixNano(NOW).setBody(body).build());
    assertThat(row.get("body")).isEqualTo(shown);
    assertThat(row.get("body_json")).isEqualTo(json);
  }

  private Map<String, Object> onlyRow(LogRecord log) {
    EncodedRequest encoded = encoder.encode(request(log));
    assertThat(encoded.message()).isEmpty();
    assertThat(encoded.batches()).hasSize(1);
    assertThat(encoded.batches().get(0).table().name()).isEqualTo("logs");
    return IpcRows.read(encoded.batches().get(0).ipc()).rows().get(0);
  }

  private static ExportLogsServiceRequest request(LogRecord... logs) {
    return ExportLogsServiceRequest.newBuilder()
        .addResourceLogs(
            ResourceLogs.newBuilder()
                .setResource(
                    Resource.newBuilder().addAttributes(attribute("service.name", text("shop"))))
                .addScopeLogs(ScopeLogs.newBuilder().addAllLogRecords(List.of(logs))))
        .build();
  }

  private static ExportLogsServiceRequest parse(byte[] request) {
    try {
      return ExportLogsServiceRequest.parseFrom(request);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static OtlpEncoder<ExportLogsServiceRequest> encoder(RowLimits limits) {
    return OtlpEncoder.logs(
        SCHEMAS, limits, Clock.fixed(Instant.ofEpochSecond(0, NOW), ZoneOffset.UTC));
  }
}
