package io.signaldb.common.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

@Doc("One tenant with its datasets and keys.")
public record TenantConfig(
    @Doc(value = "Key of the tenant: 1 to 64 of A-Z a-z 0-9 _ -.", example = "acme") String id,
    @Doc(
            value = "Name in Iceberg namespaces and object paths; same letters as the id.",
            example = "acme")
        String slug,
    @Doc(value = "Name for people.", example = "Acme Corporation") String name,
    @Doc(value = "Dataset id used when a request names none.", example = "production")
        @Nullable String defaultDataset,
    @Doc("The tenant's datasets.") @Default("[]") List<DatasetConfig> datasets,
    @Doc("The tenant's keys.") @Default("[]") List<ApiKeyConfig> apiKeys) {}
