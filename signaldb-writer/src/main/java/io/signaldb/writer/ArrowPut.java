package io.signaldb.writer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.signaldb.common.auth.Caller;
import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.flight.BatchHeader;
import io.signaldb.common.flight.BatchId;
import io.signaldb.common.flight.WriteBatch;
import io.signaldb.common.schema.Signal;
import io.signaldb.common.tenant.TenantContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/**
 * A plain Arrow {@code do_put}: record batches in the wire columns of one table, for the caller's
 * own tenant and dataset. What they are is JSON with the keys {@code schema_version}, {@code
 * signal_type}, {@code target_table}, {@code tenant_id} and {@code dataset_id}, all optional, as
 * the descriptor's command or as {@code app_metadata} of a batch; without it they are traces.
 * (Arrow's Java server does not hand out the {@code app_metadata} of the schema message.) Batches
 * have no id here, so one sent twice is stored twice.
 */
final class ArrowPut {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final BatchIntake intake;
  private final Caller caller;

  ArrowPut(BatchIntake intake, Caller caller) {
    this.intake = intake;
    this.caller = caller;
  }

  /** Returns when every batch is stored; on failure, those before the failing one may be. */
  void run(FlightStream stream) throws IOException {
    TenantContext tenant = caller.tenant();
    FlightDescriptor descriptor = stream.getDescriptor();
    BatchHeader header =
        header(tenant, descriptor.isCommand() ? text(descriptor.getCommand()) : "");
    VectorSchemaRoot root = stream.getRoot();
    List<CompletableFuture<Void>> stored = new ArrayList<>();
    while (stream.next()) {
      ArrowBuf metadata = stream.getLatestMetadata();
      if (metadata != null && metadata.readableBytes() > 0) {
        byte[] bytes = new byte[(int) metadata.readableBytes()];
        metadata.getBytes(0, bytes);
        header = header(tenant, text(bytes));
      }
      if (root.getRowCount() > 0) {
        WriteBatch batch = new WriteBatch(withRows(header, root.getRowCount()), ipc(stream));
        stored.add(intake.submit(caller, batch, batch.encode()));
      }
    }
    try {
      stored.forEach(CompletableFuture::join);
    } catch (CompletionException e) {
      if (e.getCause() instanceof SignalDbException) {
        throw (SignalDbException) e.getCause();
      }
      throw e;
    }
  }

  private static BatchHeader header(TenantContext tenant, String text) {
    JsonNode json = parse(text);
    Signal signal = Signal.parse(json.path("signal_type").asText(Signal.TRACES.wireName()));
    requireSame("tenant_id", json.path("tenant_id").asText(tenant.tenantId()), tenant.tenantId());
    requireSame(
        "dataset_id", json.path("dataset_id").asText(tenant.datasetId()), tenant.datasetId());
    return new BatchHeader(
        json.path("schema_version").asText("v1"),
        signal,
        json.path("target_table").asText(signal.wireName()),
        tenant,
        new BatchId(BatchIds.ANONYMOUS, 0),
        0);
  }

  private static BatchHeader withRows(BatchHeader header, int rows) {
    return new BatchHeader(
        header.schemaVersion(),
        header.signal(),
        header.table(),
        header.tenant(),
        header.batchId(),
        rows);
  }

  private static JsonNode parse(String text) {
    if (text.isEmpty()) {
      return JSON.createObjectNode();
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT, "Metadata of a put is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static void requireSame(String key, String given, String callers) {
    if (!given.equals(callers)) {
      throw new SignalDbException(
          ErrorCode.PERMISSION_DENIED,
          "%s '%s' is not the caller's, which is '%s'".formatted(key, given, callers));
    }
  }

  private static ByteBuffer ipc(FlightStream stream) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // Closing the writer would close the dictionaries, which are the stream's.
    @SuppressWarnings("resource")
    ArrowStreamWriter writer =
        new ArrowStreamWriter(
            stream.getRoot(), stream.getDictionaryProvider(), Channels.newChannel(bytes));
    writer.start();
    writer.writeBatch();
    writer.end();
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
