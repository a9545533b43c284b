package io.signaldb.common.tenant;

/**
 * The tenant and dataset a request acts on, resolved and checked by the authenticator.
 *
 * @param tenantId key of the tenant; names its WAL directory
 * @param datasetId key of the dataset within the tenant; names its WAL directory
 * @param tenantSlug names the tenant in Iceberg namespaces, tickets and object paths
 * @param datasetSlug names the dataset in Iceberg namespaces, tickets and object paths
 */
public record TenantContext(
    String tenantId, String datasetId, String tenantSlug, String datasetSlug) {
  public TenantContext {
    Slugs.require("tenant id", tenantId);
    Slugs.require("dataset id", datasetId);
    Slugs.require("tenant slug", tenantSlug);
    Slugs.require("dataset slug", datasetSlug);
  }
}
