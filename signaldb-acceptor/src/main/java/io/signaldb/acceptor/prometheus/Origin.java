package io.signaldb.acceptor.prometheus;

import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.signaldb.acceptor.prometheus.Labels.Label;
import java.util.List;

/**
 * Where a series comes from: the labels that OTLP has in resource and scope.
 *
 * @param job empty if there is none
 * @param instance empty if there is none
 * @param scope the labels {@code otel_scope_*}
 */
record Origin(String job, String instance, Labels scope) {
  static final String SERVICE_NAME = "service.name";
  static final String SERVICE_INSTANCE_ID = "service.instance.id";

  /** Name of the scope of series that name none: who translated them. */
  static final String TRANSLATOR = "io.signaldb.acceptor.prometheus";

  private static final String JOB = "job";
  private static final String INSTANCE = "instance";
  private static final String SCOPE_PREFIX = "otel_scope_";
  private static final String SCOPE_NAME = SCOPE_PREFIX + "name";
  private static final String SCOPE_VERSION = SCOPE_PREFIX + "version";
  private static final String SCOPE_SCHEMA_URL = SCOPE_PREFIX + "schema_url";

  static Origin of(Labels labels) {
    String job = labels.find(JOB);
    String instance = labels.find(INSTANCE);
    return new Origin(
        job == null ? "" : job,
        instance == null ? "" : instance,
        labels.where(label -> label.name().startsWith(SCOPE_PREFIX)));
  }

  /** Whether a label says where a series comes from, and not what it is. */
  static boolean isOrigin(Label label) {
    return label.name().equals(JOB)
        || label.name().equals(INSTANCE)
        || label.name().startsWith(SCOPE_PREFIX);
  }

  Target target() {
    return new Target(job, instance);
  }

  /** What was scraped: job and instance. */
  record Target(String job, String instance) {
    List<Label> attributes() {
      return List.of(new Label(SERVICE_NAME, job), new Label(SERVICE_INSTANCE_ID, instance))
          .stream()
          .filter(label -> !label.value().isEmpty())
          .toList();
    }
  }

  InstrumentationScope otlpScope() {
    InstrumentationScope.Builder built = InstrumentationScope.newBuilder();
    if (scope.sorted().isEmpty()) {
      built.setName(TRANSLATOR);
    }
    for (Label label : scope.sorted()) {
      switch (label.name()) {
        case SCOPE_NAME -> built.setName(label.value());
        case SCOPE_VERSION -> built.setVersion(label.value());
        case SCOPE_SCHEMA_URL -> {}
        default ->
            built.addAttributes(
                new Label(label.name().substring(SCOPE_PREFIX.length()), label.value())
                    .attribute());
      }
    }
    return built.build();
  }

  /** Empty if there is none. */
  String scopeSchemaUrl() {
    String url = scope.find(SCOPE_SCHEMA_URL);
    return url == null ? "" : url;
  }
}
