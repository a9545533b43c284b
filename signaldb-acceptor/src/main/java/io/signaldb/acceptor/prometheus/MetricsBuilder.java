package io.signaldb.acceptor.prometheus;

import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import io.signaldb.acceptor.prometheus.Labels.Label;
import io.signaldb.acceptor.prometheus.Origin.Target;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sorts points into resources, scopes and metrics. Points may change until the request is built.
 */
final class MetricsBuilder {
  private record Entry(Labels attributes, Point point, Tally held) {}

  private final Map<Target, Map<Origin, Map<MetricKey, List<Entry>>>> resources =
      new LinkedHashMap<>();

  private final IdentityHashMap<Message, HeldSamples> held = new IdentityHashMap<>();

  /**
   * Adds a point to its metric.
   *
   * @param held what the point says of what came in, without its exemplars
   */
  void add(Origin origin, MetricKey metric, Labels attributes, Point point, Tally held) {
    resources
        .computeIfAbsent(origin.target(), target -> new LinkedHashMap<>())
        .computeIfAbsent(origin, scope -> new LinkedHashMap<>())
        .computeIfAbsent(metric, key -> new ArrayList<>())
        .add(new Entry(attributes, point, held));
  }

  /**
   * Builds the request.
   *
   * @param infos what is known of a target beside job and instance
   */
  ExportMetricsServiceRequest build(Function<Target, @Nullable Labels> infos) {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    resources.forEach(
        (target, scopes) ->
            request.addResourceMetrics(resource(target, infos.apply(target), scopes)));
    return request.build();
  }

  /** What each data point of the request stands for. */
  IdentityHashMap<Message, HeldSamples> held() {
    return held;
  }

  private ResourceMetrics resource(
      Target target, @Nullable Labels info, Map<Origin, Map<MetricKey, List<Entry>>> scopes) {
    ResourceMetrics.Builder built = ResourceMetrics.newBuilder();
    Resource.Builder resource = built.getResourceBuilder();
    Set<String> names = new LinkedHashSet<>();
    List<Label> attributes = new ArrayList<>(target.attributes());
    if (info != null) {
      attributes.addAll(info.sorted());
    }
    for (Label attribute : attributes) {
      if (names.add(attribute.name())) {
        resource.addAttributes(attribute.attribute());
      }
    }
    scopes.forEach(
        (origin, metrics) -> {
          ScopeMetrics.Builder scope =
              ScopeMetrics.newBuilder()
                  .setScope(origin.otlpScope())
                  .setSchemaUrl(origin.scopeSchemaUrl());
          metrics.forEach((key, entries) -> scope.addMetrics(metric(key, entries)));
          built.addScopeMetrics(scope);
        });
    return built.build();
  }

  private Metric metric(MetricKey key, List<Entry> entries) {
    Metric.Builder metric = key.metric();
    for (Entry entry : entries) {
      Point point = entry.point();
      Tally tally = entry.held().plus(new Tally(0, 0, point.exemplars()));
      held.put(
          point.addTo(metric, entry.attributes().attributes()),
          new HeldSamples(key.name(), entry.attributes(), tally));
    }
    return metric.build();
  }
}
