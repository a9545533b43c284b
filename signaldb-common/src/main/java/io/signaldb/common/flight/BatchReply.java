package io.signaldb.common.flight;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Writer's answer to one batch, the {@code app_metadata} of a PutResult: {@code
 * {"batch_id","code":"OK"}}, or the name of an {@link ErrorCode} with {@code "message"} and, where
 * known, {@code "retry_after_ms"}.
 *
 * @param failure why the batch was refused; null when it is on disk
 */
public record BatchReply(BatchId batchId, @Nullable SignalDbException failure) {
  private static final String OK = "OK";

  public static BatchReply ok(BatchId batchId) {
    return new BatchReply(batchId, null);
  }

  public static BatchReply failed(BatchId batchId, SignalDbException failure) {
    return new BatchReply(batchId, failure);
  }

  public byte[] toBytes() {
    var json = Json.object().put("batch_id", batchId.toString());
    if (failure == null) {
      return Json.bytes(json.put("code", OK));
    }
    json.put("code", failure.code().name()).put("message", failure.getMessage());
    failure.retryAfter().ifPresent(wait -> json.put("retry_after_ms", wait.toMillis()));
    return Json.bytes(json);
  }

  /**
   * @throws SignalDbException INVALID_ARGUMENT if the bytes are no reply
   */
  public static BatchReply parse(byte[] bytes) {
    Json json = Json.parse("batch reply", new String(bytes, StandardCharsets.UTF_8));
    BatchId batchId = BatchId.parse(json.text("batch_id"));
    String code = json.text("code");
    if (code.equals(OK)) {
      return ok(batchId);
    }
    Optional<ErrorCode> known =
        Arrays.stream(ErrorCode.values()).filter(c -> c.name().equals(code)).findFirst();
    String message = json.text("message");
    Long wait = json.longOrNull("retry_after_ms");
    ErrorCode errorCode = known.orElse(ErrorCode.INTERNAL);
    return failed(
        batchId,
        wait == null
            ? new SignalDbException(errorCode, message)
            : SignalDbException.retryLater(errorCode, message, Duration.ofMillis(wait)));
  }
}
