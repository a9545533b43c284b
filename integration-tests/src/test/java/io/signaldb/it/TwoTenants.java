package io.signaldb.it;

import java.util.Map;

/** Two tenants whose names for datasets are the same, and what their requests say of themselves. */
final class TwoTenants {
  static final Map<String, String> ACME = Map.of("authorization", "Bearer sk-acme");
  static final Map<String, String> ACME_ARCHIVE =
      Map.of("authorization", "Bearer sk-acme", "x-dataset-id", "archive");
  static final Map<String, String> GLOBEX = Map.of("authorization", "Bearer sk-globex");

  /** The sections of signaldb.toml. */
  static final String CONFIG =
      """
      [auth]
      enabled = true
      internal_service_key = "sk-internal"

      [[auth.tenants]]
      id = "acme"
      slug = "acme"
      name = "Acme"
      default_dataset = "production"

      [[auth.tenants.datasets]]
      id = "production"
      slug = "prod"

      [[auth.tenants.datasets]]
      id = "archive"
      slug = "archive"

      [[auth.tenants.datasets]]
      id = "shop"
      slug = "shop"

      [[auth.tenants.api_keys]]
      key = "sk-acme"

      [[auth.tenants]]
      id = "globex"
      slug = "globex"
      name = "Globex"
      default_dataset = "production"

      [[auth.tenants.datasets]]
      id = "production"
      slug = "prod"

      [[auth.tenants.api_keys]]
      key = "sk-globex"
      """;

  private TwoTenants() {}
}
