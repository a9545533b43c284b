package io.signaldb.common.config;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a dataset's files are kept. */
public sealed interface StorageDsn {

  /** A directory of this machine, absolute. */
  record Local(Path directory) implements StorageDsn {}

  /** A temporary directory that lives as long as the process. */
  record Memory() implements StorageDsn {}

  /**
   * A bucket.
   *
   * @param prefix object key prefix without slashes at its ends; empty for none
   * @param endpoint server to talk to, with path-style requests; null for AWS itself
   * @param accessKey key id; null to use the environment's credentials
   * @param secretKey null exactly when {@code accessKey} is
   */
  record S3(
      String bucket,
      String prefix,
      @Nullable URI endpoint,
      @Nullable String accessKey,
      @Nullable String secretKey)
      implements StorageDsn {
    @Override
    public String toString() {
      return "s3://%s/%s at %s".formatted(bucket, prefix, endpoint == null ? "AWS" : endpoint);
    }
  }
}
