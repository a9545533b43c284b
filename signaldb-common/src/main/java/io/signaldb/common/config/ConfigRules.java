package io.signaldb.common.config;

import io.signaldb.common.error.SignalDbException;
import io.signaldb.common.tenant.Slugs;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold between keys. */
final class ConfigRules {
  private ConfigRules() {}

  static void check(SignalDbConfig config, Problems problems) {
    checkBinds(config, problems);
    checkDiscovery(config.discovery(), problems);
    checkCatalog(config, problems);
    checkTenants(config.auth().tenants(), problems);
  }

  private static void checkBinds(SignalDbConfig config, Problems problems) {
    Map<String, String> binds = new LinkedHashMap<>();
    binds.put("service.bind", config.service().bind());
    binds.put("acceptor.bind", config.acceptor().bind());
    binds.put("writer.bind", config.writer().bind());
    binds.put("querier.bind", config.querier().bind());
    binds.put("router.bind", config.router().bind());
    binds.forEach(
        (key, bind) -> {
          try {
            boolean loopback = InetAddress.getByName(bind).isLoopbackAddress();
            if (!loopback && !config.auth().enabled() && !config.auth().allowInsecureBind()) {
              problems.add(
                  key,
                  "\"%s\" is reachable from other machines while auth.enabled = false; expected a"
                          .formatted(bind)
                      + " loopback address, auth.enabled = true, or auth.allow_insecure_bind ="
                      + " true");
            }
          } catch (UnknownHostException e) {
            problems.add(key, "\"%s\": expected an address of this machine".formatted(bind));
          }
        });
  }

  private static void checkDiscovery(DiscoveryConfig discovery, Problems problems) {
    if (discovery.ttl().compareTo(discovery.heartbeatInterval()) <= 0) {
      problems.add(
          "discovery.ttl",
          "%s: expected more than discovery.heartbeat_interval, %s"
              .formatted(
                  ConfigText.durationText(discovery.ttl()),
                  ConfigText.durationText(discovery.heartbeatInterval())));
    }
  }

  private static void checkCatalog(SignalDbConfig config, Problems problems) {
    SchemaConfig schema = config.schema();
    if (!schema.catalogType().equals("sql")) {
      return;
    }
    DatabaseDsn database = null;
    try {
      database = DatabaseDsn.parse(schema.catalogUri(), config.dataDir());
    } catch (IllegalArgumentException e) {
      problems.add("schema.catalog_uri", e.getMessage());
    }
    boolean catalogLasts = !(database instanceof DatabaseDsn.Sqlite s && s.file() == null);
    if (database != null && catalogLasts && config.storage().dsn() instanceof StorageDsn.Memory) {
      problems.add(
          "storage.dsn",
          "memory:// forgets the files that schema.catalog_uri remembers; expected"
              + " schema.catalog_uri = \"sqlite::memory:\" with it");
    }
  }

  private static void checkTenants(List<TenantConfig> tenants, Problems problems) {
    Set<String> ids = new HashSet<>();
    Set<String> slugs = new HashSet<>();
    Set<String> keys = new HashSet<>();
    for (TenantConfig tenant : tenants) {
      String where = "auth.tenants '" + tenant.id() + "'";
      checkName(where, "id", tenant.id(), ids, problems);
      checkName(where, "slug", tenant.slug(), slugs, problems);
      checkDatasets(where, tenant, problems);
      for (ApiKeyConfig key : tenant.apiKeys()) {
        if (!keys.add(key.key())) {
          problems.add(where, "API key '%s' is given twice".formatted(key.name()));
        }
      }
    }
  }

  private static void checkDatasets(String where, TenantConfig tenant, Problems problems) {
    Set<String> ids = new HashSet<>();
    Set<String> slugs = new HashSet<>();
    for (DatasetConfig dataset : tenant.datasets()) {
      String place = where + " dataset '" + dataset.id() + "'";
      checkName(place, "id", dataset.id(), ids, problems);
      checkName(place, "slug", dataset.slug(), slugs, problems);
    }
    String named = tenant.defaultDataset();
    if (named != null && !ids.contains(named)) {
      problems.add(where, "default_dataset = \"%s\": expected one of %s".formatted(named, ids));
    }
    if (tenant.datasets().stream().filter(DatasetConfig::isDefault).count() > 1) {
      problems.add(where, "expected at most one dataset with is_default = true");
    }
  }

  private static void checkName(
      String where, String what, String name, Set<String> seen, Problems problems) {
    try {
      Slugs.require(what, name);
      if (!seen.add(name)) {
        problems.add(where, "%s \"%s\" is used twice".formatted(what, name));
      }
    } catch (SignalDbException e) {
      problems.add(where, e.getMessage());
    }
  }
}
