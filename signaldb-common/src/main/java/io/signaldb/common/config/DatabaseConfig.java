package io.signaldb.common.config;

@Doc(
    "The database for tenants, API keys and datasets, and for discovery unless that names its own.")
public record DatabaseConfig(
    @Doc("sqlite://PATH, sqlite::memory: or postgresql://USER:PASSWORD@HOST:PORT/NAME.")
        @Default("sqlite://.data/signaldb.db")
        DatabaseDsn dsn,
    @Doc("Most connections a process holds to a PostgreSQL database.") @Default("10")
        int maxConnections) {}
