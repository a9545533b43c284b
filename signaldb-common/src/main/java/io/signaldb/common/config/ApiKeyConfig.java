package io.signaldb.common.config;

import org.jspecify.annotations.Nullable;

@Doc("One API key of a tenant.")
public record ApiKeyConfig(
    @Doc(value = "The key itself.", example = "sk-acme-prod-key-123") @Secret String key,
    @Doc(value = "Name for people.", example = "Production key") @Nullable String name) {
  @Override
  public String toString() {
    return "ApiKeyConfig[name=" + name + "]";
  }
}
