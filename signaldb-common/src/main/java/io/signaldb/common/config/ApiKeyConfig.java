package io.signaldb.common.config;

import org.jspecify.annotations.Nullable;

@Doc("One API key of a tenant.")
public record ApiKeyConfig(
    @Doc("The key itself.") @Secret String key,
    @Doc("Name for people, shown in logs.") @Nullable String name) {
  @Override
  public String toString() {
    return "ApiKeyConfig[name=" + name + "]";
  }
}
