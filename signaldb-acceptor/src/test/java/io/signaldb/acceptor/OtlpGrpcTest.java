package io.signaldb.acceptor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtlpGrpcTest {
  private static final int MAX_REQUEST_BYTES = 1 << 20;

  @TempDir static Path directory;

  private static AcceptorFixture acceptor;
  private static RecordingWriter writer;
  private static ManagedChannel channel;

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
    CompressorRegistry compressors = CompressorRegistry.newEmptyInstance();
    compressors.register(new Codec.Gzip());
    compressors.register(new ZstdCodec("zstd"));
    compressors.register(new ZstdCodec("snappy"));
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", acceptor.grpcPort())
            .usePlaintext()
            .compressorRegistry(compressors)
            .build();
  }

  @BeforeEach
  void forget() {
    writer.forget();
  }

  @AfterAll
  static void close() {
    channel.shutdownNow();
    acceptor.close();
  }

  @Test
  void storesSpans() {
    assertThat(stub().export(Traces.request(3)))
        .isEqualTo(ExportTraceServiceResponse.getDefaultInstance());
    assertThat(writer.rows()).isEqualTo(3);
  }

  @Test
  void takesGzipAndZstd() {
    stub().withCompression("gzip").export(Traces.request(500));
    stub().withCompression("zstd").export(Traces.request(500));
    assertThat(writer.rows()).isEqualTo(1000);
  }

  @Test
  void refusesAnUnknownCompression() {
    assertFails(
        () -> stub().withCompression("snappy").export(Traces.request(1)),
        Status.Code.UNIMPLEMENTED,
        "grpc-encoding is 'snappy', expected one of: identity, gzip, zstd");
  }

  @Test
  void anEmptyRequestIsFine() {
    assertThat(stub().export(Traces.request(List.of())))
        .isEqualTo(ExportTraceServiceResponse.getDefaultInstance());
    assertThat(writer.batches()).isEmpty();
  }

  @Test
  void tellsRejectedSpansAndStoresTheOthers() {
    var response =
        stub()
            .export(
                Traces.request(
                    List.of(
                        Traces.span(1).build(),
                        Traces.span(2).setTraceId(ByteString.EMPTY).build())));
    assertThat(response.getPartialSuccess().getRejectedSpans()).isEqualTo(1);
    assertThat(response.getPartialSuccess().getErrorMessage()).contains("trace_id is empty");
    assertThat(writer.rows()).isEqualTo(1);
  }

  @Test
  void refusesWhatIsNoProtobuf() {
    assertFails(
        () -> call(TraceServiceGrpc.getExportMethod().getFullMethodName(), "nonsense"),
        Status.Code.INVALID_ARGUMENT,
        "The body is not a protobuf ExportTraceServiceRequest");
  }

  @Test
  void refusesWhatIsTooLargePackedOrUnpacked() {
    var request =
        Traces.request(
            List.of(
                Traces.span(1)
                    .addAttributes(Traces.attribute("k", "x".repeat(MAX_REQUEST_BYTES)))
                    .build()));
    for (String compression : List.of("identity", "gzip", "zstd")) {
      assertFails(
          () ->
              (compression.equals("identity") ? stub() : stub().withCompression(compression))
                  .export(request),
          Status.Code.RESOURCE_EXHAUSTED,
          "The request is larger than 1048576 bytes");
    }
    stub().export(Traces.request(1));
    assertThat(writer.rows()).isEqualTo(1);
  }

  @Test
  void saysWhichMethodsThereAre() {
    assertFails(
        () -> call("opentelemetry.proto.collector.profiles.v1.ProfilesService/Export", ""),
        Status.Code.UNIMPLEMENTED,
        "There is no method /opentelemetry.proto.collector.profiles.v1.ProfilesService/Export");
  }

  @Test
  void answersHealthChecks() {
    assertThat(
            HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
  }

  private TraceServiceGrpc.TraceServiceBlockingStub stub() {
    return TraceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private void call(String method, String body) {
    MethodDescriptor.Marshaller<String> marshaller =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(UTF_8));
          }

          @Override
          public String parse(InputStream stream) {
            return "";
          }
        };
    ClientCalls.blockingUnaryCall(
        channel,
        MethodDescriptor.newBuilder(marshaller, marshaller)
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(method)
            .build(),
        CallOptions.DEFAULT,
        body);
  }

  private static void assertFails(Runnable call, Status.Code code, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(message);
            });
  }

  private record ZstdCodec(String name) implements Codec {
    @Override
    public String getMessageEncoding() {
      return name;
    }

    @Override
    public OutputStream compress(OutputStream stream) throws IOException {
      return new ZstdOutputStream(stream);
    }

    @Override
    public InputStream decompress(InputStream stream) throws IOException {
      return new ZstdInputStream(stream);
    }
  }
}
