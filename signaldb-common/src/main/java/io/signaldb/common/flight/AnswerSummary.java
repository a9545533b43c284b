package io.signaldb.common.flight;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a Querier says about its answer, in the metadata of the answer's last message.
 *
 * @param inspectedSpans rows of the files and fresh rows looked at, before any pruning inside files
 * @param inspectedBytes size of those files and rows
 * @param incomplete why rows may be missing, null for a complete answer
 */
public record AnswerSummary(long inspectedSpans, long inspectedBytes, @Nullable String incomplete) {

  /** The form on the wire: JSON in UTF-8. */
  public byte[] toBytes() {
    return Json.bytes(
        Json.object()
            .put("inspected_spans", inspectedSpans)
            .put("inspected_bytes", inspectedBytes)
            .put("complete", incomplete == null)
            .put("reason", incomplete));
  }

  /**
   * Reads the form on the wire.
   *
   * @throws io.signaldb.common.error.SignalDbException INVALID_ARGUMENT if it is malformed
   */
  public static AnswerSummary parse(byte[] bytes) {
    Json json = Json.parse("answer summary", new String(bytes, StandardCharsets.UTF_8));
    return new AnswerSummary(
        json.longInteger("inspected_spans"),
        json.longInteger("inspected_bytes"),
        json.textOrNull("reason"));
  }
}
