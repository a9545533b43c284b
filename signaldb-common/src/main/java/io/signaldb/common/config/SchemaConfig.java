package io.signaldb.common.config;

import java.util.Map;

@Doc("The Iceberg catalog.")
public record SchemaConfig(
    @Doc("sql, or any catalog type Iceberg's CatalogUtil knows: rest, glue, nessie, hive.")
        @Default("sql")
        String catalogType,
    @Doc("For sql a database as in database.dsn; for other types the catalog's uri property.")
        @Default("sqlite://.data/catalog.db")
        String catalogUri,
    @Doc("Further properties handed to the Iceberg catalog as they are.") @Default("{}") @Secret
        Map<String, String> catalogProperties) {}
