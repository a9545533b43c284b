package io.signaldb.acceptor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.airlift.compress.snappy.SnappyCompressor;
import io.signaldb.acceptor.prometheus.Requests;
import io.signaldb.acceptor.prometheus.Requests.V2;
import io.signaldb.acceptor.prometheus.proto.WriteRequest;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.BatchReply;
import io.signaldb.common.flight.WriteBatch;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RemoteWriteTest {
  private static final String V1_TYPE = "application/x-protobuf";
  private static final String V2_TYPE =
      "application/x-protobuf;proto=io.prometheus.write.v2.Request";
  private static final String WRITTEN = "x-prometheus-remote-write-%s-written";

  @TempDir private Path directory;

  private final long now = System.currentTimeMillis();

  @Test
  void storesVersionOneInTheTablesOfItsKinds() throws Exception {
    try (AcceptorFixture acceptor = new AcceptorFixture(directory, Map.of())) {
      RecordingWriter writer = acceptor.writer();
      WriteRequest request =
          Requests.v1Request(
              Requests.v1("up", "job", "a").addSamples(Requests.sample(1, now)),
              Requests.v1("c_total", "job", "a").addSamples(Requests.sample(1, now)),
              Requests.v1("n", "job", "a").addHistograms(Requests.integerHistogram(now)));

      HttpResponse<byte[]> response = acceptor.send(post(acceptor, V1_TYPE, snappy(request)));

      assertThat(response.statusCode()).isEqualTo(204);
      assertThat(response.body()).isEmpty();
      assertThat(response.headers().map()).doesNotContainKey(WRITTEN.formatted("samples"));
      assertThat(tables(writer))
          .containsExactlyInAnyOrder(
              "metrics_gauge", "metrics_sum", "metrics_exponential_histogram");
      assertThat(writer.rows()).isEqualTo(3);
      assertThat(
              acceptor.metric(
                  "signaldb_acceptor_requests_seconds_count{code=\"OK\",protocol=\"remote_write\""))
          .isEqualTo(1);
    }
  }

  @Test
  void countsWhatVersionTwoHasWritten() throws Exception {
    try (AcceptorFixture acceptor = new AcceptorFixture(directory, Map.of())) {
      RecordingWriter writer = acceptor.writer();

      HttpResponse<byte[]> response = acceptor.send(post(acceptor, V2_TYPE, snappy(v2(false))));

      assertThat(response.statusCode()).isEqualTo(204);
      assertWritten(response, 1, 1, 1);
      assertThat(writer.rows()).isEqualTo(2);
    }
  }

  @Test
  void writesTheGoodPartAndNamesTheRest() throws Exception {
    try (AcceptorFixture acceptor = new AcceptorFixture(directory, Map.of())) {
      RecordingWriter writer = acceptor.writer();

      HttpResponse<byte[]> response = acceptor.send(post(acceptor, V2_TYPE, snappy(v2(true))));

      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(text(response))
          .isEqualTo(
              "1 of 2 samples, 0 of 1 histograms and 0 of 1 exemplars were refused, the rest was written: "
                  + "series bad{a=\"1\", a=\"2\"} has label 'a' twice, expected each name once\n");
      assertWritten(response, 1, 1, 1);
      assertThat(writer.rows()).isEqualTo(2);
    }
  }

  @Test
  void takesAnEmptyRequestAndOneWithoutContentHeaders() throws Exception {
    try (AcceptorFixture acceptor = new AcceptorFixture(directory, Map.of())) {
      RecordingWriter writer = acceptor.writer();
      WriteRequest request =
          Requests.v1Request(Requests.v1("up").addSamples(Requests.sample(1, now)));

      assertThat(
              acceptor
                  .send(post(acceptor, V1_TYPE, snappy(WriteRequest.getDefaultInstance())))
                  .statusCode())
          .isEqualTo(204);
      assertThat(
              acceptor
                  .send(
                      acceptor
                          .request("/api/v1/write")
                          .POST(HttpRequest.BodyPublishers.ofByteArray(snappy(request))))
                  .statusCode())
          .isEqualTo(204);
      assertThat(writer.rows()).isEqualTo(1);
    }
  }

  @Test
  void refusesOtherTypesEncodingsAndMethods() throws Exception {
    try (AcceptorFixture acceptor = new AcceptorFixture(directory, Map.of())) {
      byte[] body = snappy(v2(false));

      HttpResponse<byte[]> type =
          acceptor.send(post(acceptor, "application/x-protobuf;proto=some.Other", body));
      assertThat(type.statusCode()).isEqualTo(415);
      assertThat(text(type))
          .contains("content-type is 'application/x-protobuf;proto=some.Other'")
          .contains("proto=prometheus.WriteRequest")
          .contains("proto=io.prometheus.write.v2.Request");
      assertThat(acceptor.send(post(acceptor, "application/json", body)).statusCode())
          .isEqualTo(415);
      HttpResponse<byte[]> encoding =
          acceptor.send(post(acceptor, V2_TYPE, body).setHeader("content-encoding", "gzip"));
      assertThat(encoding.statusCode()).isEqualTo(415);
      assertWritten(encoding, 0, 0, 0);
      HttpResponse<byte[]> get = acceptor.send(acceptor.request("/api/v1/write").GET());
      assertThat(get.statusCode()).isEqualTo(405);
      assertThat(get.headers().firstValue("allow")).contains("POST");
    }
  }

  @Test
  void refusesBrokenSnappyAndBombsBeforeTheyExpand() throws Exception {
    try (AcceptorFixture acceptor =
        new AcceptorFixture(directory, Map.of("acceptor.max_request_bytes", "100KiB"))) {
      byte[] packed = snappy(v2(false));
      byte[] cut = Arrays.copyOf(packed, packed.length - 3);
      byte[] bomb = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f, 0};

      HttpResponse<byte[]> broken = acceptor.send(post(acceptor, V2_TYPE, cut));
      assertThat(broken.statusCode()).isEqualTo(400);
      assertThat(text(broken))
          .contains("The body of %d bytes is no snappy block".formatted(cut.length));
      assertWritten(broken, 0, 0, 0);
      assertThat(acceptor.send(post(acceptor, V1_TYPE, new byte[0])).statusCode()).isEqualTo(400);
      assertThat(acceptor.send(post(acceptor, V1_TYPE, bytes(0xff, 0xff))).statusCode())
          .isEqualTo(400);
      assertThat(acceptor.send(post(acceptor, V1_TYPE, snappy(new byte[] {10, 99}))).statusCode())
          .isEqualTo(400);
      HttpResponse<byte[]> large = acceptor.send(post(acceptor, V1_TYPE, bomb));
      assertThat(large.statusCode()).isEqualTo(413);
      assertThat(text(large)).contains("larger than 102400 bytes (acceptor.max_request_bytes");
      assertThat(acceptor.send(post(acceptor, V1_TYPE, snappy(new byte[200_000]))).statusCode())
          .isEqualTo(413);
      AcceptorFixture.await(
          "nothing is in flight", () -> acceptor.metric("signaldb_acceptor_inflight") == 0);
    }
  }

  @Test
  void asksToRetryWhenItIsFullOrNoWriterAnswers() throws Exception {
    try (AcceptorFixture acceptor =
        new AcceptorFixture(directory, Map.of("acceptor.max_inflight_bytes", "4KiB"))) {
      HttpResponse<byte[]> full = acceptor.send(post(acceptor, V2_TYPE, snappy(v2(false))));

      assertThat(full.statusCode()).isEqualTo(503);
      assertThat(full.headers().firstValue("retry-after")).contains("1");
      assertWritten(full, 0, 0, 0);
    }
    try (AcceptorFixture acceptor =
        new AcceptorFixture(directory.resolve("2"), Map.of("flight.call_timeout", "1s"))) {
      RecordingWriter writer = acceptor.writer();
      writer.answers(
          id ->
              Optional.of(
                  BatchReply.failed(
                      id, new SignalDbException(ErrorCode.UNAVAILABLE, "the disk is gone"))));

      HttpResponse<byte[]> refused = acceptor.send(post(acceptor, V2_TYPE, snappy(v2(false))));

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("retry-after")).isPresent();
    }
  }

  private MessageLite v2(boolean withBad) {
    V2 v2 = new V2();
    v2.add(
        v2.series("c_total", "job", "a")
            .addSamples(Requests.sample(5, now))
            .addExemplars(v2.exemplar(1, now, "trace_id", "0102030405060708090a0b0c0d0e0f10")));
    v2.add(v2.series("n", "job", "a").addHistograms(Requests.integerHistogram(now)));
    if (withBad) {
      v2.add(v2.series("bad", "a", "1", "a", "2").addSamples(Requests.sample(1, now)));
    }
    return v2.build();
  }

  private static HttpRequest.Builder post(AcceptorFixture acceptor, String type, byte[] body) {
    return acceptor
        .request("/api/v1/write")
        .header("content-type", type)
        .header("content-encoding", "snappy")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  private static void assertWritten(
      HttpResponse<byte[]> response, int samples, int histograms, int exemplars) {
    assertThat(
            List.of("samples", "histograms", "exemplars").stream()
                .map(what -> response.headers().firstValue(WRITTEN.formatted(what)).orElse("-")))
        .containsExactly(
            String.valueOf(samples), String.valueOf(histograms), String.valueOf(exemplars));
  }

  private static List<String> tables(RecordingWriter writer) {
    return writer.batches().stream().map(WriteBatch::header).map(header -> header.table()).toList();
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  private static byte[] snappy(MessageLite message) {
    return snappy(message.toByteArray());
  }

  private static byte[] snappy(byte[] message) {
    SnappyCompressor compressor = new SnappyCompressor();
    byte[] packed = new byte[compressor.maxCompressedLength(message.length)];
    int length = compressor.compress(message, 0, message.length, packed, 0, packed.length);
    return Arrays.copyOf(packed, length);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
