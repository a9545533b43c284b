package io.signaldb.common.config;

@Doc("Where Parquet files and Iceberg metadata are kept.")
public record StorageConfig(
    @Doc(
            "file:///PATH, memory://, s3://BUCKET/PREFIX or s3://KEY:SECRET@HOST:PORT/BUCKET/PREFIX;"
                + " a file path beginning /.data/ is below data_dir.")
        @Default("file:///.data/storage")
        StorageDsn dsn) {}
