package io.signaldb.acceptor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtlpHttpTest {
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String JSON = "application/json";
  private static final int MAX_REQUEST_BYTES = 1 << 20;

  @TempDir static Path directory;

  private static AcceptorFixture acceptor;
  private static RecordingWriter writer;

  @BeforeAll
  static void start() throws Exception {
    acceptor =
        new AcceptorFixture(
            directory,
            Map.of(
                "acceptor.max_request_bytes",
                MAX_REQUEST_BYTES + "B",
                "acceptor.max_inflight_bytes",
                "8MiB"));
    writer = acceptor.writer();
  }

  @BeforeEach
  void forget() {
    writer.forget();
  }

  @AfterAll
  static void close() {
    acceptor.close();
  }

  @Test
  void storesProtobufAndAnswersInProtobuf() throws Exception {
    HttpResponse<byte[]> response = post(PROTOBUF, Traces.request(3).toByteArray());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue(PROTOBUF);
    assertThat(ExportTraceServiceResponse.parseFrom(response.body()))
        .isEqualTo(ExportTraceServiceResponse.getDefaultInstance());
    assertThat(writer.rows()).isEqualTo(3);
    assertThat(writer.descriptors()).containsExactly(List.of("signaldb", "batches"));
  }

  @Test
  void storesJsonAndAnswersInJson() {
    HttpResponse<byte[]> response = post(JSON + "; charset=utf-8", json().getBytes(UTF_8));

    assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue(JSON);
    assertThat(text(response)).isEqualTo("{}");
    assertThat(writer.rows()).isEqualTo(1);
  }

  @Test
  void takesGzipAndZstd() {
    byte[] message = Traces.request(100).toByteArray();
    assertThat(
            acceptor
                .send(acceptor.post(PROTOBUF, gzip(message)).header("content-encoding", "gzip"))
                .statusCode())
        .isEqualTo(200);
    assertThat(
            acceptor
                .send(
                    acceptor
                        .post(PROTOBUF, Zstd.compress(message))
                        .header("content-encoding", "zstd"))
                .statusCode())
        .isEqualTo(200);
    assertThat(
            acceptor
                .send(
                    acceptor
                        .post(JSON, gzip(json().getBytes(UTF_8)))
                        .header("content-encoding", "GZIP"))
                .statusCode())
        .isEqualTo(200);
    assertThat(writer.rows()).isEqualTo(201);
  }

  @Test
  void anEmptyRequestIsFine() {
    assertThat(post(PROTOBUF, new byte[0]).statusCode()).isEqualTo(200);
    assertThat(post(JSON, "{}".getBytes(UTF_8)).statusCode()).isEqualTo(200);
    assertThat(post(JSON, "{\"resourceSpans\":[]}".getBytes(UTF_8)).statusCode()).isEqualTo(200);
    assertThat(writer.batches()).isEmpty();
  }

  @Test
  void tellsRejectedSpansAndStoresTheOthers() throws Exception {
    ExportTraceServiceRequest request =
        Traces.request(
            List.of(
                Traces.span(1).build(),
                Traces.span(2).setTraceId(ByteString.EMPTY).build(),
                Traces.span(3).setSpanId(ByteString.copyFrom(new byte[3])).build(),
                Traces.span(4).setStartTimeUnixNano(1).setEndTimeUnixNano(2).build(),
                Traces.span(5).build()));

    HttpResponse<byte[]> response = post(PROTOBUF, request.toByteArray());

    assertThat(response.statusCode()).isEqualTo(200);
    var partial = ExportTraceServiceResponse.parseFrom(response.body()).getPartialSuccess();
    assertThat(partial.getRejectedSpans()).isEqualTo(3);
    assertThat(partial.getErrorMessage()).contains("trace_id is empty", "span_id");
    assertThat(writer.rows()).isEqualTo(2);
  }

  @Test
  void aRequestOfRejectedSpansOnlyIsAPartialSuccess() throws Exception {
    ExportTraceServiceRequest request =
        Traces.request(List.of(Traces.span(1).setTraceId(ByteString.EMPTY).build()));

    HttpResponse<byte[]> response = post(PROTOBUF, request.toByteArray());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(
            ExportTraceServiceResponse.parseFrom(response.body())
                .getPartialSuccess()
                .getRejectedSpans())
        .isEqualTo(1);
    assertThat(writer.batches()).isEmpty();
  }

  @Test
  void refusesBrokenProtobufWithThePlaceOfTheError() throws Exception {
    byte[] message = Traces.request(3).toByteArray();
    HttpResponse<byte[]> response = post(PROTOBUF, Arrays.copyOf(message, message.length - 5));
    assertStatus(response, 400, Code.INVALID_ARGUMENT, "protobuf", "at byte", "of");
    assertStatus(post(PROTOBUF, "nonsense".getBytes(UTF_8)), 400, Code.INVALID_ARGUMENT, "byte");
    assertThat(writer.batches()).isEmpty();
  }

  @Test
  void refusesBrokenJsonWithLineAndColumn() {
    assertJsonError("{\"resourceSpans\":[", "line 1, column");
    assertJsonError("", "found 'nothing', expected an object");
    assertJsonError("[]", "found '[', expected an object");
    assertJsonError("{} {}", "expected the end of the body");
    assertJsonError(
        "{\"resourceSpans\":\n [{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"xyz\"}]}]}]}",
        "found 'xyz', expected hexadecimal digits for traceId",
        "line 2");
    assertJsonError(
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"startTimeUnixNano\":\"x1\"}]}]}]}",
        "found 'x1', expected an unsigned integer of 64 bits for startTimeUnixNano");
    assertJsonError(
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"kind\":\"SERVR\"}]}]}]}",
        "found 'SERVR', expected a number or name of SpanKind");
    assertJsonError("{\"resourceSpans\":{}}", "expected an array for resourceSpans");
    assertThat(writer.batches()).isEmpty();
  }

  @Test
  void refusesABodyThatIsNotInItsEncoding() throws Exception {
    byte[] compressed = gzip(Traces.request(50).toByteArray());
    assertStatus(
        acceptor.send(
            acceptor
                .post(PROTOBUF, Arrays.copyOf(compressed, compressed.length / 2))
                .header("content-encoding", "gzip")),
        400,
        Code.INVALID_ARGUMENT,
        "not valid gzip",
        "compressed");
    assertStatus(
        acceptor.send(
            acceptor.post(PROTOBUF, new byte[] {1, 2, 3}).header("content-encoding", "gzip")),
        400,
        Code.INVALID_ARGUMENT,
        "not valid gzip");
    byte[] zstd = Zstd.compress(Traces.request(50).toByteArray());
    assertStatus(
        acceptor.send(
            acceptor
                .post(PROTOBUF, Arrays.copyOf(zstd, zstd.length / 2))
                .header("content-encoding", "zstd")),
        400,
        Code.INVALID_ARGUMENT,
        "not valid zstd");
  }

  @Test
  void stopsABombWhileItInflates() throws Exception {
    byte[] bomb = gzip(new byte[200 * MAX_REQUEST_BYTES]);
    assertThat(bomb.length).isLessThan(MAX_REQUEST_BYTES);
    assertStatus(
        acceptor.send(acceptor.post(PROTOBUF, bomb).header("content-encoding", "gzip")),
        413,
        Code.RESOURCE_EXHAUSTED,
        "larger than " + MAX_REQUEST_BYTES + " bytes");
    assertStatus(
        acceptor.send(
            acceptor
                .post(PROTOBUF, Zstd.compress(new byte[20 * MAX_REQUEST_BYTES]))
                .header("content-encoding", "zstd")),
        413,
        Code.RESOURCE_EXHAUSTED,
        "larger than " + MAX_REQUEST_BYTES + " bytes");
    assertThat(acceptor.metric("signaldb_acceptor_inflight_bytes")).isZero();
  }

  @Test
  void refusesARequestThatIsTooLarge() throws Exception {
    HttpResponse<byte[]> response = post(PROTOBUF, new byte[100 * MAX_REQUEST_BYTES]);
    assertStatus(response, 413, Code.RESOURCE_EXHAUSTED, "larger than 1048576 bytes");
    HttpResponse<byte[]> unannounced =
        acceptor.send(
            acceptor
                .request("/v1/traces")
                .header("content-type", PROTOBUF)
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(new byte[3 * MAX_REQUEST_BYTES]))));
    assertStatus(unannounced, 413, Code.RESOURCE_EXHAUSTED, "larger than 1048576 bytes");
    assertThat(post(PROTOBUF, Traces.request(1).toByteArray()).statusCode()).isEqualTo(200);
  }

  @Test
  void refusesWhatItDoesNotKnow() throws Exception {
    byte[] message = Traces.request(1).toByteArray();
    HttpResponse<byte[]> response = post("text/plain", message);
    assertThat(response.statusCode()).isEqualTo(415);
    assertThat(text(response)).contains("text/plain", "application/x-protobuf, application/json");
    assertStatus(
        acceptor.send(acceptor.post(PROTOBUF, message).header("content-encoding", "br")),
        415,
        Code.INVALID_ARGUMENT,
        "'br'",
        "identity, gzip, zstd");
    HttpResponse<byte[]> get = acceptor.send(acceptor.request("/v1/traces").GET());
    assertThat(get.statusCode()).isEqualTo(405);
    assertThat(get.headers().firstValue("allow")).hasValue("POST");
    assertThat(acceptor.send(acceptor.request("/v1/nothing").GET()).statusCode()).isEqualTo(404);
    assertThat(writer.batches()).isEmpty();
  }

  @Test
  void invalidUtf8CostsOnlyTheText() throws Exception {
    byte[] message =
        Traces.request(
                List.of(
                    Traces.span(1).setName("#####").build(), Traces.span(2).setName("ok").build()))
            .toByteArray();
    int at = indexOf(message, "#####".getBytes(UTF_8));
    message[at + 1] = (byte) 0xC3;
    message[at + 2] = (byte) 0x28;

    HttpResponse<byte[]> response = post(PROTOBUF, message);

    assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
    assertThat(writer.rows()).isEqualTo(2);
    var partial = ExportTraceServiceResponse.parseFrom(response.body()).getPartialSuccess();
    assertThat(partial.getRejectedSpans()).isZero();
    assertThat(partial.getErrorMessage()).contains("UTF-8");
  }

  @Test
  void valuesNestedTooDeepCostOnlyTheirSpan() throws Exception {
    AnyValue nested = AnyValue.newBuilder().setStringValue("bottom").build();
    for (int i = 0; i < 100; i++) {
      nested =
          AnyValue.newBuilder()
              .setKvlistValue(
                  KeyValueList.newBuilder()
                      .addValues(KeyValue.newBuilder().setKey("k").setValue(nested)))
              .build();
    }
    ExportTraceServiceRequest request =
        Traces.request(
            List.of(
                Traces.span(1)
                    .addAttributes(KeyValue.newBuilder().setKey("deep").setValue(nested))
                    .build(),
                Traces.span(2).build()));

    HttpResponse<byte[]> response = post(PROTOBUF, request.toByteArray());

    assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
    assertThat(
            ExportTraceServiceResponse.parseFrom(response.body())
                .getPartialSuccess()
                .getRejectedSpans())
        .isEqualTo(1);
    assertThat(writer.rows()).isEqualTo(1);
  }

  @Test
  void valuesNestedBeyondReasonAreRefusedWithoutHarm() throws Exception {
    String deep =
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"attributes\":[{\"key\":\"a\",\"value\":"
            + "{\"arrayValue\":{\"values\":[".repeat(5_000);
    HttpResponse<byte[]> response = post(JSON, deep.getBytes(UTF_8));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(text(response)).contains("nesting depth");

    byte[] message = {};
    for (int i = 0; i < 5000; i++) {
      // KeyValue.value, AnyValue.kvlist_value, KeyValueList.values
      message = in(0x12, in(0x32, in(0x0A, message)));
    }
    // Span.attributes, ScopeSpans.spans, ResourceSpans.scope_spans, the request's resource_spans
    message = in(0x0A, in(0x12, in(0x12, in(0x4A, message))));
    assertStatus(post(PROTOBUF, message), 400, Code.INVALID_ARGUMENT, "nesting");
    assertThat(post(PROTOBUF, Traces.request(1).toByteArray()).statusCode()).isEqualTo(200);
  }

  @Test
  void wrongUtf8InJsonCostsOnlyTheText() {
    byte[] message = json().replace("GET /", "#####").getBytes(UTF_8);
    message[indexOf(message, "#####".getBytes(UTF_8)) + 1] = (byte) 0xFF;

    HttpResponse<byte[]> response = post(JSON, message);

    assertThat(response.statusCode()).as(text(response)).isEqualTo(200);
    assertThat(text(response)).contains("partialSuccess", "UTF-8");
    assertThat(writer.rows()).isEqualTo(1);
  }

  @Test
  void takesALargeAttributeValue() {
    ExportTraceServiceRequest request =
        Traces.request(
            List.of(
                Traces.span(1)
                    .addAttributes(Traces.attribute("big", "x".repeat(900_000)))
                    .build()));
    assertThat(post(PROTOBUF, request.toByteArray()).statusCode()).isEqualTo(200);
    assertThat(writer.rows()).isEqualTo(1);
  }

  @Test
  void answersHealthReadinessAndMetrics() {
    assertThat(text(acceptor.send(acceptor.request("/health").GET()))).isEqualTo("ok");
    String accepted = "signaldb_acceptor_rows_total{outcome=\"accepted\",signal=\"traces\"}";
    String rejected = "signaldb_acceptor_rows_total{outcome=\"rejected\",signal=\"traces\"}";
    String answered = "signaldb_acceptor_requests_seconds_count{code=\"OK\",protocol=\"http\"";
    double acceptedBefore = acceptor.metric(accepted);
    double rejectedBefore = acceptor.metric(rejected);
    double answeredBefore = acceptor.metric(answered);
    post(
        PROTOBUF,
        Traces.request(
                List.of(
                    Traces.span(1).build(),
                    Traces.span(2).build(),
                    Traces.span(3).setTraceId(ByteString.EMPTY).build()))
            .toByteArray());
    assertThat(acceptor.metric(accepted) - acceptedBefore).isEqualTo(2);
    assertThat(acceptor.metric(rejected) - rejectedBefore).isEqualTo(1);
    assertThat(acceptor.metric(answered) - answeredBefore).isEqualTo(1);
  }

  private HttpResponse<byte[]> post(String contentType, byte[] body) {
    return acceptor.send(acceptor.post(contentType, body));
  }

  private void assertJsonError(String body, String... message) {
    HttpResponse<byte[]> response = post(JSON, body.getBytes(UTF_8));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.headers().firstValue("content-type")).hasValue(JSON);
    Status.Builder status = Status.newBuilder();
    try {
      JsonFormat.parser().merge(text(response), status);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(text(response), e);
    }
    assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT.value());
    assertThat(status.getMessage()).contains(message);
  }

  private static void assertStatus(
      HttpResponse<byte[]> response, int httpStatus, Code code, String... message)
      throws Exception {
    assertThat(response.statusCode()).as(text(response)).isEqualTo(httpStatus);
    Status status = Status.parseFrom(response.body());
    assertThat(status.getCode()).isEqualTo(code.value());
    assertThat(status.getMessage()).contains(message);
  }

  private static String json() {
    long now = System.currentTimeMillis();
    return """
        {"resourceSpans":[{
          "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"checkout"}}]},
          "scopeSpans":[{"scope":{"name":"test"},"spans":[{
            "traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174",
            "parentSpanId":"","name":"GET /","kind":"SPAN_KIND_SERVER","flags":257,
            "startTimeUnixNano":"%d000000","endTimeUnixNano":%d000000,
            "attributes":[
              {"key":"int","value":{"intValue":"-12"}},
              {"key":"bytes","value":{"bytesValue":"AQID"}},
              {"key":"array","value":{"arrayValue":{"values":[{"boolValue":true},{}]}}}],
            "status":{"code":2,"message":"no"},
            "unknown":{"nested":[1,{"a":null}]}}]}],
          "schemaUrl":null}]}
        """
        .formatted(now, now + 5);
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return compressed.toByteArray();
  }

  /** The bytes as a field of an encoded message. */
  private static byte[] in(int tag, byte[] bytes) throws IOException {
    ByteArrayOutputStream field = new ByteArrayOutputStream();
    field.write(tag);
    int left = bytes.length;
    while (left > 127) {
      field.write((left & 127) | 128);
      left >>>= 7;
    }
    field.write(left);
    field.write(bytes);
    return field.toByteArray();
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i + part.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new AssertionError("not found");
  }
}
