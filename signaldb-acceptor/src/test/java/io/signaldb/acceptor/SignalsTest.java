package io.signaldb.acceptor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.logs.v1.LogsServiceGrpc;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.signaldb.common.flight.BatchHeader;
import io.signaldb.common.schema.Signal;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs and metrics over both transports. */
class SignalsTest {
  @TempDir private Path directory;
  private AcceptorFixture acceptor;
  private RecordingWriter writer;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    acceptor = new AcceptorFixture(directory, Map.of("flight.call_timeout", "2s"));
    writer = acceptor.writer();
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", acceptor.grpcPort()).usePlaintext().build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    acceptor.close();
  }

  @Test
  void takesLogsOverHttpAsJsonAndPacked() throws Exception {
    byte[] json = JsonFormat.printer().print(logs(now())).getBytes(UTF_8);

    HttpResponse<byte[]> plain = post("/v1/logs", "application/json", "identity", json);
    HttpResponse<byte[]> packed = post("/v1/logs", "application/json", "zstd", Zstd.compress(json));

    assertThat(new String(plain.body(), UTF_8)).isEqualTo("{}");
    assertThat(packed.statusCode()).isEqualTo(200);
    assertThat(writer.batches()).hasSize(2);
    BatchHeader header = writer.batches().get(0).header();
    assertThat(header.signal()).isEqualTo(Signal.LOGS);
    assertThat(header.table()).isEqualTo("logs");
    assertThat(header.rows()).isEqualTo(1);
  }

  @Test
  void tellsHowManyLogRecordsAreRejected() {
    ExportLogsServiceResponse response =
        LogsServiceGrpc.newBlockingStub(channel).export(logs(now(), 1));

    assertThat(response.getPartialSuccess().getRejectedLogRecords()).isEqualTo(1);
    assertThat(response.getPartialSuccess().getErrorMessage())
        .startsWith("1 log record rejected: time_unix_nano 1 is more than");
    assertThat(writer.rows()).isEqualTo(1);
  }

  @Test
  void sendsABatchForEachTableOfAMetricsRequest() {
    ExportMetricsServiceResponse response =
        MetricsServiceGrpc.newBlockingStub(channel).export(metrics(now()));

    assertThat(response).isEqualTo(ExportMetricsServiceResponse.getDefaultInstance());
    assertThat(writer.batches())
        .extracting(batch -> batch.header().table())
        .containsExactlyInAnyOrder("metrics_gauge", "metrics_summary");
    assertThat(writer.batches())
        .allMatch(batch -> batch.header().signal() == Signal.METRICS)
        .extracting(batch -> batch.header().batchId())
        .doesNotHaveDuplicates();
  }

  @Test
  void answersOnlyWhenTheBatchesOfAllTablesAreStored() throws Exception {
    writer.answers(id -> Optional.empty());
    CompletableFuture<HttpResponse<byte[]>> answer =
        CompletableFuture.supplyAsync(() -> postMetrics(metrics(now())));
    AcceptorFixture.await("both batches have arrived", () -> writer.batches().size() == 2);

    assertThat(isAnswered(answer)).isFalse();

    HttpResponse<byte[]> timedOut = answer.get(20, TimeUnit.SECONDS);
    assertThat(timedOut.statusCode()).isEqualTo(503);
  }

  @Test
  void tellsHowManyDataPointsAreRejected() throws Exception {
    HttpResponse<byte[]> response = postMetrics(metrics(0));

    ExportMetricsServiceResponse answer = ExportMetricsServiceResponse.parseFrom(response.body());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(answer.getPartialSuccess().getRejectedDataPoints()).isEqualTo(2);
    assertThat(answer.getPartialSuccess().getErrorMessage())
        .isEqualTo("2 data points rejected: time_unix_nano is 0");
    assertThat(writer.batches()).isEmpty();
  }

  @Test
  void namesTheRequestItExpected() {
    HttpResponse<byte[]> protobuf =
        post("/v1/metrics", "application/x-protobuf", "identity", new byte[] {7});
    HttpResponse<byte[]> json =
        post("/v1/logs", "application/json", "identity", "[]".getBytes(UTF_8));

    assertThat(protobuf.statusCode()).isEqualTo(400);
    assertThat(new String(protobuf.body(), UTF_8))
        .contains("not a protobuf ExportMetricsServiceRequest");
    assertThat(json.statusCode()).isEqualTo(400);
    assertThat(new String(json.body(), UTF_8))
        .contains("not an OTLP/JSON ExportLogsServiceRequest: found ");
  }

  private static boolean isAnswered(CompletableFuture<?> answer) throws Exception {
    try {
      answer.get(300, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private HttpResponse<byte[]> postMetrics(Message request) {
    return post("/v1/metrics", "application/x-protobuf", "identity", request.toByteArray());
  }

  private HttpResponse<byte[]> post(String path, String type, String encoding, byte[] body) {
    return acceptor.send(
        acceptor
            .request(path)
            .header("content-type", type)
            .header("content-encoding", encoding)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  private static long now() {
    return TimeUnit.SECONDS.toNanos(Instant.now().getEpochSecond());
  }

  private static ExportLogsServiceRequest logs(long... times) {
    ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
    for (long time : times) {
      request
          .addResourceLogsBuilder()
          .addScopeLogsBuilder()
          .addLogRecordsBuilder()
          .setTimeUnixNano(time)
          .getBodyBuilder()
          .setStringValue("at " + time);
    }
    return request.build();
  }

  /** A point of a gauge and one of a summary. */
  private static ExportMetricsServiceRequest metrics(long time) {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    ScopeMetrics.Builder scope = request.addResourceMetricsBuilder().addScopeMetricsBuilder();
    scope
        .addMetricsBuilder()
        .setName("g")
        .getGaugeBuilder()
        .addDataPointsBuilder()
        .setTimeUnixNano(time)
        .setAsDouble(1);
    scope
        .addMetricsBuilder()
        .setName("s")
        .getSummaryBuilder()
        .addDataPointsBuilder()
        .setTimeUnixNano(time);
    return request.build();
  }
}
