package io.signaldb.producer;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.resources.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The running shop: per service a few pods, which all report the same way. */
final class ShopServices {
  private static final int PODS = 3;

  private final Map<String, List<Pod>> pods = new LinkedHashMap<>();

  ShopServices(int services, Telemetry telemetry) {
    for (String service : Shop.SERVICES.subList(0, services)) {
      List<Pod> replicas = new ArrayList<>();
      for (int pod = 0; pod < PODS; pod++) {
        replicas.add(new Pod(resource(service, pod), telemetry));
      }
      pods.put(service, replicas);
    }
  }

  /** Some pod of {@code service}. */
  Pod pod(String service, RandomGenerator random) {
    List<Pod> replicas = pods.get(service);
    if (replicas == null) {
      throw new IllegalArgumentException(
          "Service '" + service + "' is not one of " + pods.keySet());
    }
    return replicas.get(random.nextInt(replicas.size()));
  }

  /** Reports the metrics of all pods. */
  void collectMetrics() {
    pods.values().forEach(replicas -> replicas.forEach(pod -> pod.meters().collect()));
  }

  private static Resource resource(String service, int pod) {
    String podName = service + "-7d9f8c6b5-" + pod;
    return Resource.getDefault()
        .merge(
            Resource.create(
                Attributes.builder()
                    .put("service.name", service)
                    .put("service.namespace", "shop")
                    .put("service.version", "1.4." + service.length())
                    .put("service.instance.id", podName)
                    .put("deployment.environment.name", "demo")
                    .put("host.name", "node-" + pod)
                    .put("k8s.namespace.name", "shop")
                    .put("k8s.deployment.name", service)
                    .put("k8s.pod.name", podName)
                    .put("cloud.region", "eu-central-1")
                    .build()));
  }
}
