package io.signaldb.common.wal;

import io.signaldb.common.tenant.Slugs;
import java.nio.file.Path;

/**
 * Which log of a root: its directory is {@code {root}/{tenantId}/{datasetId}/{signal}}. Ids, not
 * slugs, so that renaming a tenant does not lose its log.
 */
public record WalName(String tenantId, String datasetId, String signal) {
  public WalName {
    Slugs.require("tenant id", tenantId);
    Slugs.require("dataset id", datasetId);
    Slugs.require("signal", signal);
  }

  Path within(Path root) {
    return root.resolve(tenantId).resolve(datasetId).resolve(signal);
  }

  @Override
  public String toString() {
    return tenantId + "/" + datasetId + "/" + signal;
  }
}
