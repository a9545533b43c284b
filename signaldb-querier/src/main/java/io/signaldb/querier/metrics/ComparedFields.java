package io.signaldb.querier.metrics;

import io.signaldb.common.flight.QueryTicket;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.tag.TagNames;
import io.signaldb.querier.tag.TagTable;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The fields that {@code compare()} looks at. */
final class ComparedFields {
  private static final int MAX_ATTRIBUTES = 1000;
  private static final Map<String, Scope> SCOPES =
      Map.of(
          "span", Scope.SPAN,
          "resource", Scope.RESOURCE,
          "instrumentation", Scope.INSTRUMENTATION);

  private ComparedFields() {}

  /**
   * Intrinsics that many spans have in common, and all attributes of spans, resources and
   * instrumentation scopes that occur in the hours of the query; perhaps others.
   */
  static List<Field> find(QueryScope scope, TagNames names, MetricsRequest request) {
    TagTable known =
        names.list(
            scope,
            new QueryTicket.Tags(
                request.dataset().tenantSlug(),
                request.dataset().slug(),
                null,
                TimeUnit.NANOSECONDS.toSeconds(request.steps().startUnixNano()),
                TimeUnit.NANOSECONDS.toSeconds(request.steps().endUnixNano()),
                null,
                null));
    List<Attribute> attributes = new ArrayList<>();
    for (TagTable.Pair name : known.rows()) {
      Scope of = SCOPES.get(name.first());
      if (of != null) {
        attributes.add(new Attribute(of, name.second()));
      }
    }
    if (attributes.size() > MAX_ATTRIBUTES) {
      scope.incomplete(
          "compare() looks at %d of %d attributes".formatted(MAX_ATTRIBUTES, attributes.size()));
    }
    List<Field> fields = new ArrayList<>();
    Stream.of(Intrinsic.NAME, Intrinsic.KIND, Intrinsic.STATUS, Intrinsic.STATUS_MESSAGE)
        .map(IntrinsicField::new)
        .forEach(fields::add);
    attributes.stream().limit(MAX_ATTRIBUTES).forEach(fields::add);
    return fields;
  }
}
