package io.signaldb.common.flight;

import io.signaldb.common.error.ErrorCode;
import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.schema.Signal;
import io.signaldb.common.tenant.TenantContext;

/**
 * What a batch is: JSON on the wire with the keys {@code schema_version signal_type target_table
 * tenant_id dataset_id tenant_slug dataset_slug batch_id rows}.
 *
 * @param schemaVersion version of the columns in {@code schemas.toml}: "v1"
 * @param table the Iceberg table the rows belong to: "traces"
 * @param tenant whose rows they are
 * @param rows number of rows in the batch; not negative
 */
public record BatchHeader(
    String schemaVersion,
    Signal signal,
    String table,
    TenantContext tenant,
    BatchId batchId,
    int rows) {
  public BatchHeader {
    if (rows < 0) {
      throw new SignalDbException(
          ErrorCode.INVALID_ARGUMENT, "Invalid row count " + rows + ": expected 0 or more");
    }
  }

  byte[] toJson() {
    return Json.bytes(
        Json.object()
            .put("schema_version", schemaVersion)
            .put("signal_type", signal.wireName())
            .put("target_table", table)
            .put("tenant_id", tenant.tenantId())
            .put("dataset_id", tenant.datasetId())
            .put("tenant_slug", tenant.tenantSlug())
            .put("dataset_slug", tenant.datasetSlug())
            .put("batch_id", batchId.toString())
            .put("rows", rows));
  }

  static BatchHeader fromJson(String text) {
    Json json = Json.parse("batch header", text);
    return new BatchHeader(
        json.text("schema_version"),
        Signal.parse(json.text("signal_type")),
        json.text("target_table"),
        new TenantContext(
            json.text("tenant_id"),
            json.text("dataset_id"),
            json.text("tenant_slug"),
            json.text("dataset_slug")),
        BatchId.parse(json.text("batch_id")),
        json.integer("rows"));
  }
}
