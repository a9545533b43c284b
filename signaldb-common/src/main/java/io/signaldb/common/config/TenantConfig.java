package io.signaldb.common.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

@Doc("One tenant with its datasets and keys.")
public record TenantConfig(
    @Doc("Key of the tenant: 1 to 64 of A-Z a-z 0-9 _ -.") String id,
    @Doc("Name in Iceberg namespaces and object paths; same letters as the id.") String slug,
    @Doc("Name for people.") String name,
    @Doc("Dataset id used when a request names none.") @Nullable String defaultDataset,
    @Doc("The tenant's datasets.") @Default("[]") List<DatasetConfig> datasets,
    @Doc("The tenant's keys.") @Default("[]") List<ApiKeyConfig> apiKeys) {}
