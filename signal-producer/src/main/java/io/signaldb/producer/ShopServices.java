package io.signaldb.producer;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The running shop: per service a few pods, each with its own resource and tracer.
 *
 * <p>All pods report to one span processor, which stays the caller's to shut down.
 */
final class ShopServices {
  private static final int PODS = 3;

  private final Map<String, List<Tracer>> pods = new LinkedHashMap<>();

  ShopServices(int services, SpanProcessor processor) {
    for (String service : Shop.SERVICES.subList(0, services)) {
      List<Tracer> tracers = new ArrayList<>();
      for (int pod = 0; pod < PODS; pod++) {
        tracers.add(
            SdkTracerProvider.builder()
                .setSampler(Sampler.alwaysOn())
                .setResource(resource(service, pod))
                .addSpanProcessor(processor)
                .build()
                .get("io.signaldb.producer"));
      }
      pods.put(service, tracers);
    }
  }

  /** The tracer of some pod of {@code service}. */
  Tracer tracer(String service, RandomGenerator random) {
    List<Tracer> tracers = pods.get(service);
    if (tracers == null) {
      throw new IllegalArgumentException(
          "Service '" + service + "' is not one of " + pods.keySet());
    }
    return tracers.get(random.nextInt(tracers.size()));
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
