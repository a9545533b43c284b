package io.signaldb.common.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.Signal;
import io.signaldb.common.tenant.TenantContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WriteBatchTest {
  private static final BatchId ID =
      new BatchId(UUID.fromString("3f0c7f3e-6a53-4a7b-9a59-0d3f1f6f4f10"), 42);
  private static final BatchHeader HEADER =
      new BatchHeader(
          "v1",
          Signal.TRACES,
          "traces",
          new TenantContext("acme", "production", "acme-s", "prod"),
          ID,
          3);

  @Test
  void isReadBackFromHeapAndDirectMemory() {
    for (ByteBuffer memory :
        new ByteBuffer[] {ByteBuffer.allocate(1000), ByteBuffer.allocateDirect(1000)}) {
      WriteBatch batch = new WriteBatch(HEADER, bytes("arrow"));
      memory.position(7);
      for (ByteBuffer piece : batch.encode()) {
        memory.put(piece);
      }
      memory.flip().position(7);
      WriteBatch decoded = WriteBatch.decode(memory);
      assertThat(decoded).isEqualTo(batch);
      assertThat(memory.position()).isEqualTo(7);
      assertThat(batch.ipc().position()).isZero();
    }
  }

  @Test
  void beginsWithTheHeaderLengthAndItsJson() {
    ByteBuffer head = new WriteBatch(HEADER, bytes("arrow")).encode()[0];
    String json =
        "{\"schema_version\":\"v1\",\"signal_type\":\"traces\",\"target_table\":\"traces\","
            + "\"tenant_id\":\"acme\",\"dataset_id\":\"production\",\"tenant_slug\":\"acme-s\","
            + "\"dataset_slug\":\"prod\",\"batch_id\":\"3f0c7f3e-6a53-4a7b-9a59-0d3f1f6f4f10-42\","
            + "\"rows\":3}";
    assertThat(head.order(ByteOrder.LITTLE_ENDIAN).getInt()).isEqualTo(json.length());
    assertThat(StandardCharsets.UTF_8.decode(head).toString()).isEqualTo(json);
  }

  @Test
  void refusesBytesThatAreTooShortForTheirLength() {
    refused(ByteBuffer.allocate(3), "Invalid batch: 3 bytes; expected a 4-byte header length");
    refused(ByteBuffer.allocate(8).putInt(0, -1), "header length -1; expected at most 4");
    refused(
        ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 6),
        "header length 6; expected at most 5");
    refused(
        ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 1 << 19),
        "header length 524288; expected at most 65536");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | Invalid batch header: expected a JSON object",
        "[] | Invalid batch header: expected a JSON object, got array",
        "{} | field 'schema_version' is missing; expected a string",
        "{\"schema_version\":1} | field 'schema_version' is 1; expected a string",
      })
  void refusesHeadersThatAreNotComplete(String json, String message) {
    refused(encoded(json), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"acme-s\" | \"../x\" | Invalid tenant slug '../x'",
        "\"traces\" | \"smells\" | smells",
        "\"rows\":3 | \"rows\":-1 | Invalid row count -1",
        "\"rows\":3 | \"rows\":3.5 | field 'rows' is 3.5; expected a 32-bit integer",
        "\"rows\":3 | \"rows\":9999999999 | expected a 32-bit integer",
        "4f10-42 | 4f10 | Invalid batch id",
      })
  void refusesHeadersWithBadValues(String good, String bad, String message) {
    String json = new String(HEADER.toJson(), StandardCharsets.UTF_8);
    refused(encoded(json.replace(good.strip(), bad.strip())), message);
  }

  private static void refused(ByteBuffer encoded, String message) {
    assertThatThrownBy(() -> WriteBatch.decode(encoded))
        .isInstanceOfSatisfying(
            SignalDbException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(message);
  }

  private static ByteBuffer encoded(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + bytes.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(bytes.length)
        .put(bytes)
        .flip();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void batchIdsAreReadBack() {
    assertThat(BatchId.parse(ID.toString())).isEqualTo(ID);
    BatchId last = new BatchId(ID.acceptor(), Long.MAX_VALUE);
    assertThat(BatchId.parse(last.toString())).isEqualTo(last);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "42",
        "3f0c7f3e-6a53-4a7b-9a59-0d3f1f6f4f10",
        "3f0c7f3e-6a53-4a7b-9a59-0d3f1f6f4f10-",
        "3f0c7f3e-6a53-4a7b-9a59-0d3f1f6f4f10--1",
        "3f0c7f3e-6a53-4a7b-9a59-0d3f1f6f4f10-18446744073709551615",
        "zf0c7f3e-6a53-4a7b-9a59-0d3f1f6f4f10-42"
      })
  void refusesOtherBatchIds(String text) {
    assertThatThrownBy(() -> BatchId.parse(text))
        .isInstanceOf(SignalDbException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void repliesAreReadBackWithTheirErrorAndHint() {
    assertThat(BatchReply.parse(BatchReply.ok(ID).toBytes())).isEqualTo(BatchReply.ok(ID));
    SignalDbException failure =
        SignalDbException.retryLater(
            ErrorCode.RESOURCE_EXHAUSTED, "1 GiB is waiting", Duration.ofMillis(1500));
    BatchReply reply = BatchReply.parse(BatchReply.failed(ID, failure).toBytes());
    assertThat(reply.batchId()).isEqualTo(ID);
    assertThat(reply.failure())
        .hasMessage("1 GiB is waiting")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
        .satisfies(e -> assertThat(e.retryAfter()).contains(Duration.ofMillis(1500)));
  }

  @Test
  void aReplyWithACodeOfAnotherReleaseIsAnInternalError() {
    byte[] reply =
        "{\"batch_id\":\"%s\",\"code\":\"TOO_HOT\",\"message\":\"m\"}"
            .formatted(ID)
            .getBytes(StandardCharsets.UTF_8);
    assertThat(BatchReply.parse(reply).failure())
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
  }
}
