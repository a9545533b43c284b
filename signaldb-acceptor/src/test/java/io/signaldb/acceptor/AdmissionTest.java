package io.signaldb.acceptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.Status;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who and how much is let in, the same at both endpoints. */
class AdmissionTest {
  @TempDir Path directory;

  private AcceptorFixture acceptor;
  private ManagedChannel channel;

  @AfterEach
  void close() {
    channel.shutdownNow();
    acceptor.close();
  }

  @Test
  void withoutAuthenticationOnlyTheDefaultTenantIsThere() throws Exception {
    start(Map.of());
    RecordingWriter writer = acceptor.writer();

    assertRefused(Map.of("x-tenant-id", "acme"), 403, Code.PERMISSION_DENIED, "acme");
    assertRefused(Map.of("x-tenant-id", "../x"), 400, Code.INVALID_ARGUMENT, "../x");
    assertThat(http(Map.of("x-tenant-id", "default")).statusCode()).isEqualTo(200);

    assertThat(writer.batches()).hasSize(1);
    assertThat(writer.batches().get(0).header().tenant().tenantId()).isEqualTo("default");
  }

  @Test
  void withAuthenticationAKeyIsRequired() throws Exception {
    start(Map.of("auth.enabled", "true"));
    RecordingWriter writer = acceptor.writer();

    assertRefused(Map.of(), 401, Code.UNAUTHENTICATED, "Authorization");
    assertRefused(Map.of("authorization", "Bearer sk-nobody"), 401, Code.UNAUTHENTICATED, "key");
    assertThat(writer.batches()).isEmpty();
  }

  @Test
  void moreThanFitsInMemoryIsToldToComeBack() throws Exception {
    start(Map.of("acceptor.max_inflight_bytes", "3KiB"));
    RecordingWriter writer = acceptor.writer();

    HttpResponse<byte[]> response = http(Map.of());

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("retry-after")).hasValue("1");
    Status status = Status.parseFrom(response.body());
    assertThat(status.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED.value());
    assertThat(status.getMessage()).contains("3072 bytes (acceptor.max_inflight_bytes)");
    assertThat(status.getDetailsCount()).isEqualTo(1);
    assertThat(grpc(Map.of()).getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(writer.batches()).isEmpty();
  }

  @Test
  void aBodyThatGrowsBeyondWhatFitsIsToldToComeBack() throws Exception {
    start(Map.of("acceptor.max_inflight_bytes", "64KiB"));
    acceptor.writer();

    HttpResponse<byte[]> response =
        acceptor.send(acceptor.post("application/x-protobuf", new byte[100_000]));

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(http(Map.of()).statusCode()).isEqualTo(200);
  }

  private void start(Map<String, String> settings) throws Exception {
    acceptor = new AcceptorFixture(directory, settings);
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", acceptor.grpcPort()).usePlaintext().build();
  }

  private void assertRefused(Map<String, String> headers, int httpStatus, Code code, String message)
      throws Exception {
    HttpResponse<byte[]> response = http(headers);
    assertThat(response.statusCode()).isEqualTo(httpStatus);
    Status status = Status.parseFrom(response.body());
    assertThat(status.getCode()).isEqualTo(code.value());
    assertThat(status.getMessage()).contains(message);

    StatusRuntimeException failure = grpc(headers);
    assertThat(failure.getStatus().getCode()).isEqualTo(code);
    assertThat(failure.getStatus().getDescription()).isEqualTo(status.getMessage());
  }

  private HttpResponse<byte[]> http(Map<String, String> headers) {
    HttpRequest.Builder request =
        acceptor.post("application/x-protobuf", Traces.request(1).toByteArray());
    headers.forEach(request::header);
    return acceptor.send(request);
  }

  private StatusRuntimeException grpc(Map<String, String> headers) {
    Metadata metadata = new Metadata();
    headers.forEach(
        (name, value) ->
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    return catchThrowableOfType(
        StatusRuntimeException.class,
        () ->
            TraceServiceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
                .export(Traces.request(1)));
  }
}
