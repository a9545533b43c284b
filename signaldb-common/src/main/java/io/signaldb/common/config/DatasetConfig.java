package io.signaldb.common.config;

import org.jspecify.annotations.Nullable;

@Doc("One dataset of a tenant.")
public record DatasetConfig(
    @Doc(value = "Key of the dataset within its tenant.", example = "production") String id,
    @Doc(value = "Name in Iceberg namespaces and object paths.", example = "prod") String slug,
    @Doc("Whether requests that name no dataset use this one.") @Default("false") boolean isDefault,
    @Doc("Where this dataset's files are kept instead of storage.dsn.")
        @Nullable StorageConfig storage) {}
