package io.signaldb.querier.read;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What an answer says about itself.
 *
 * @param inspectedSpans rows of the files and fresh rows looked at, before any pruning inside files
 * @param inspectedBytes size of those files and rows
 * @param incomplete why rows may be missing, null for a complete answer
 */
public record QuerySummary(long inspectedSpans, long inspectedBytes, @Nullable String incomplete) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The metadata of a Flight answer. */
  public byte[] toJson() {
    ObjectNode json =
        JSON.createObjectNode()
            .put("inspected_spans", inspectedSpans)
            .put("inspected_bytes", inspectedBytes)
            .put("complete", incomplete == null);
    if (incomplete != null) {
      json.put("reason", incomplete);
    }
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }
}
