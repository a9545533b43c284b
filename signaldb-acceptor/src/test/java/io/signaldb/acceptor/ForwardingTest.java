package io.signaldb.acceptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.RetryInfo;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.BatchId;
import io.signaldb.common.flight.BatchReply;
import io.signaldb.common.flight.WriteBatch;
import io.signaldb.common.lifecycle.Component;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a client's call to the Writers, and what happens when those misbehave. */
class ForwardingTest {
  @TempDir Path directory;

  private final ExecutorService clients = Executors.newCachedThreadPool();
  private AcceptorFixture acceptor;
  private ManagedChannel channel;

  @AfterEach
  void close() {
    clients.shutdownNow();
    channel.shutdownNow();
    acceptor.close();
  }

  @Test
  void sendsEveryBatchOverOneStreamUnderAnIdOfItsOwn() throws Exception {
    start(Map.of());
    RecordingWriter writer = acceptor.writer();
    List<CompletableFuture<ExportTraceServiceResponse>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      calls.add(exportAsync());
    }
    calls.forEach(CompletableFuture::join);

    assertThat(writer.rows()).isEqualTo(200);
    assertThat(new HashSet<>(writer.ids())).hasSize(200);
    assertThat(writer.ids().stream().map(BatchId::acceptor).distinct()).hasSize(1);
    assertThat(writer.streams()).isEqualTo(1);
  }

  @Test
  void handsBatchesDirectlyToAWriterOfItsProcess() throws Exception {
    start(Map.of());
    RecordingWriter overFlight = acceptor.writer();
    List<WriteBatch> batches = new CopyOnWriteArrayList<>();
    Component announced =
        acceptor
            .context()
            .localWriters()
            .announce(
                overFlight::address,
                (caller, batch) -> {
                  caller.requireAccess(batch.header().tenant());
                  batches.add(batch);
                  return CompletableFuture.completedFuture(null);
                });
    announced.start();

    export();
    export();

    assertThat(batches).extracting(batch -> batch.header().rows()).containsExactly(1, 1);
    assertThat(batches).extracting(batch -> batch.header().batchId()).doesNotHaveDuplicates();
    assertThat(overFlight.streams()).isZero();
    announced.close();
  }

  @Test
  void passesARefusalOfAWriterOfItsProcessOn() throws Exception {
    start(Map.of());
    RecordingWriter overFlight = acceptor.writer();
    acceptor
        .context()
        .localWriters()
        .announce(
            overFlight::address,
            (caller, batch) ->
                CompletableFuture.failedFuture(
                    SignalDbException.retryLater(
                        ErrorCode.RESOURCE_EXHAUSTED, "uncommitted rows", Duration.ofSeconds(3))))
        .start();

    assertThatThrownBy(this::export)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
              assertThat(e.getStatus().getDescription()).isEqualTo("uncommitted rows");
            });
  }

  @Test
  void sharesTheWorkAmongTheWriters() throws Exception {
    start(Map.of());
    RecordingWriter one = acceptor.writer();
    RecordingWriter two = acceptor.writer();
    export();
    AcceptorFixture.await(
        "both Writers get batches",
        () -> {
          export();
          return !one.batches().isEmpty() && !two.batches().isEmpty();
        });
  }

  @Test
  void passesARefusalOn() throws Exception {
    start(Map.of());
    RecordingWriter writer = acceptor.writer();
    writer.answers(
        id ->
            Optional.of(
                BatchReply.failed(
                    id,
                    SignalDbException.retryLater(
                        ErrorCode.RESOURCE_EXHAUSTED, "uncommitted rows", Duration.ofSeconds(3)))));

    assertThatThrownBy(this::export)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
              assertThat(e.getStatus().getDescription()).isEqualTo("uncommitted rows");
            });
  }

  @Test
  void answersMayComeInAnyOrder() throws Exception {
    start(Map.of());
    RecordingWriter writer = acceptor.writer();
    writer.answers(id -> Optional.empty());
    CompletableFuture<?> first = exportAsync();
    AcceptorFixture.await("the first batch is there", () -> writer.batches().size() == 1);
    writer.answers(id -> Optional.of(BatchReply.ok(id)));
    export();
    assertThat(first).isNotDone();
  }

  @Test
  void aBatchWithUnknownOutcomeGoesToTheSameWriterUnderTheSameId() throws Exception {
    start(Map.of());
    RecordingWriter one = acceptor.writer();
    RecordingWriter two = acceptor.writer();
    one.breaksStreams(true);
    two.breaksStreams(true);

    CompletableFuture<?> call = exportAsync();
    AcceptorFixture.await(
        "a batch was sent twice", () -> one.batches().size() + two.batches().size() >= 2);
    one.breaksStreams(false);
    two.breaksStreams(false);
    call.get(10, TimeUnit.SECONDS);

    assertThat(one.batches().isEmpty() || two.batches().isEmpty()).isTrue();
    RecordingWriter tried = one.batches().isEmpty() ? two : one;
    assertThat(new HashSet<>(tried.ids())).hasSize(1);
  }

  @Test
  void aBatchThatCannotHaveArrivedGoesToAnotherWriter() throws Exception {
    start(Map.of());
    RecordingWriter gone = acceptor.writer();
    RecordingWriter alive = acceptor.writer();
    AcceptorFixture.await(
        "both Writers are known",
        () -> {
          export();
          return !gone.batches().isEmpty() && !alive.batches().isEmpty();
        });
    gone.stopListening();

    for (int i = 0; i < 20; i++) {
      int before = alive.batches().size();
      export();
      assertThat(alive.batches()).hasSize(before + 1);
    }
  }

  @Test
  void anUnansweredBatchFailsAtTheCallersDeadlineAndTheStreamIsReplaced() throws Exception {
    start(Map.of("flight.call_timeout", "500ms"));
    RecordingWriter writer = acceptor.writer();
    writer.answers(id -> Optional.empty());

    assertThatThrownBy(this::export)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
              assertThat(e.getStatus().getDescription())
                  .contains("No Writer confirmed the batch within 500 ms", "send it again");
            });

    writer.answers(id -> Optional.of(BatchReply.ok(id)));
    export();
    assertThat(writer.streams()).isEqualTo(2);
  }

  @Test
  void aRestartedAcceptorKeepsItsIdentityAndUsesNewSequences() throws Exception {
    start(Map.of());
    RecordingWriter writer = acceptor.writer();
    export();
    BatchId before = writer.ids().get(0);
    channel.shutdownNow();
    acceptor.close();

    start(Map.of());
    writer = acceptor.writer();
    export();

    BatchId after = writer.ids().get(0);
    assertThat(after.acceptor()).isEqualTo(before.acceptor());
    assertThat(after.sequence()).isGreaterThan(before.sequence());
  }

  @Test
  void refusesABatchThatIsLargerThanAFlightMessage() throws Exception {
    start(Map.of("flight.max_message_bytes", "64KiB"));
    acceptor.writer();
    var request =
        Traces.request(
            List.of(
                Traces.span(1).addAttributes(Traces.attribute("k", "x".repeat(70_000))).build()));
    assertThatThrownBy(() -> TraceServiceGrpc.newBlockingStub(channel).export(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
              assertThat(e.getStatus().getDescription()).contains("flight.max_message_bytes");
            });
    export();
  }

  @Test
  void isUnavailableWithAHintWithoutAWriter() throws Exception {
    start(Map.of());
    StatusRuntimeException failure =
        catchThrowableOfType(StatusRuntimeException.class, this::export);
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(failure.getStatus().getDescription())
        .isEqualTo("No Writer is registered; nothing was stored, retry later");
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    assertThat(status.getDetails(0).unpack(RetryInfo.class).getRetryDelay().getSeconds())
        .isEqualTo(1);

    HttpResponse<byte[]> response =
        acceptor.send(acceptor.post("application/x-protobuf", Traces.request(1).toByteArray()));
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("retry-after")).hasValue("1");
    assertThat(com.google.rpc.Status.parseFrom(response.body())).isEqualTo(status);

    acceptor.writer();
    export();
  }

  @Test
  void aWriterThatComesBackIsUsedAgain() throws Exception {
    start(Map.of());
    RecordingWriter writer = acceptor.writer();
    export();
    int port = writer.address().port();
    writer.close();
    acceptor.writer(port);
    export();
  }

  @Test
  void showsTheServiceKeyToTheWriter() throws Exception {
    start(
        Map.of(
            "auth.enabled", "true",
            "auth.internal_service_key", "sk-internal-0123456789",
            "auth.admin_api_key", "sk-admin-0123456789"));
    acceptor.writer();
    assertThatThrownBy(this::export)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
  }

  private void start(Map<String, String> settings) throws Exception {
    acceptor = new AcceptorFixture(directory, settings);
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", acceptor.grpcPort()).usePlaintext().build();
  }

  private ExportTraceServiceResponse export() {
    return TraceServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .export(Traces.request(1));
  }

  private CompletableFuture<ExportTraceServiceResponse> exportAsync() {
    return CompletableFuture.supplyAsync(this::export, clients);
  }
}
