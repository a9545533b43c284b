package io.signaldb.common.iceberg;

import io.signaldb.common.config.StorageDsn;
import java.util.HashMap;
import java.util.Map;

/** A bucket's endpoint and credentials in the words of those who open its objects. */
public final class S3Properties {
  private static final String REGION_OF_ENDPOINTS = "us-east-1";

  private S3Properties() {}

  /** For Iceberg's {@code S3FileIO}. */
  static Map<String, String> ofIceberg(StorageDsn.S3 bucket) {
    Map<String, String> properties = new HashMap<>();
    properties.put("http-client.type", "urlconnection");
    if (bucket.endpoint() != null) {
      properties.put("s3.endpoint", bucket.endpoint().toString());
      properties.put("s3.path-style-access", "true");
      properties.put("client.region", REGION_OF_ENDPOINTS);
    }
    if (bucket.accessKey() != null && bucket.secretKey() != null) {
      properties.put("s3.access-key-id", bucket.accessKey());
      properties.put("s3.secret-access-key", bucket.secretKey());
    }
    return properties;
  }

  /** For Rust's {@code object_store}, which DataFusion reads and writes with. */
  public static Map<String, String> ofObjectStore(StorageDsn.S3 bucket) {
    Map<String, String> properties = new HashMap<>();
    if (bucket.endpoint() != null) {
      properties.put("endpoint", bucket.endpoint().toString());
      properties.put("allow_http", "true");
      properties.put("virtual_hosted_style_request", "false");
      properties.put("region", REGION_OF_ENDPOINTS);
    }
    if (bucket.accessKey() != null && bucket.secretKey() != null) {
      properties.put("access_key_id", bucket.accessKey());
      properties.put("secret_access_key", bucket.secretKey());
    }
    return properties;
  }
}
