package io.signaldb.acceptor.prometheus;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.signaldb.acceptor.prometheus.Labels.Label;
import io.signaldb.common.tenant.TenantContext;
import org.jspecify.annotations.Nullable;

/**
 * What senders said in earlier requests and do not repeat: the metadata of families, which version
 * 1 sends on its own, and the labels of {@code target_info}. Bounded; the least used is forgotten.
 * Thread-safe.
 */
final class SenderFacts {
  private static final long MAX_CHARS = 16L << 20;
  private static final int ENTRY_CHARS = 100;

  private record Key(String tenantId, String datasetId, Object subject) {}

  private final Cache<Key, FamilyMetadata> families =
      Caffeine.newBuilder()
          .maximumWeight(MAX_CHARS)
          .weigher(
              (Key key, FamilyMetadata family) ->
                  ENTRY_CHARS
                      + ((String) key.subject()).length()
                      + family.help().length()
                      + family.unit().length())
          .build();

  private final Cache<Key, Labels> targets =
      Caffeine.newBuilder()
          .maximumWeight(MAX_CHARS)
          .weigher((Key key, Labels info) -> ENTRY_CHARS + chars(info))
          .build();

  void learnFamily(TenantContext tenant, String name, FamilyMetadata metadata) {
    families.put(key(tenant, name), metadata);
  }

  @Nullable FamilyMetadata findFamily(TenantContext tenant, String name) {
    return families.getIfPresent(key(tenant, name));
  }

  /**
   * @param info the labels of target_info without those of its origin
   */
  void learnTarget(TenantContext tenant, Origin.Target target, Labels info) {
    targets.put(key(tenant, target), info);
  }

  @Nullable Labels findTarget(TenantContext tenant, Origin.Target target) {
    return targets.getIfPresent(key(tenant, target));
  }

  private static Key key(TenantContext tenant, Object subject) {
    return new Key(tenant.tenantId(), tenant.datasetId(), subject);
  }

  private static int chars(Labels labels) {
    int chars = 0;
    for (Label label : labels.sorted()) {
      chars += ENTRY_CHARS + label.name().length() + label.value().length();
    }
    return chars;
  }
}
