package io.signaldb.querier.metrics;

import io.signaldb.common.scan.Condition;
import io.signaldb.common.scan.Distinct;
import io.signaldb.common.schema.AttributeScope;
import io.signaldb.querier.read.QueryScope;
import io.signaldb.querier.read.TimeRange;
import io.signaldb.querier.read.TraceTable;
import io.signaldb.querier.read.TraceTable.Dataset;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.Field;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/** Finds the fields that {@code compare()} looks at: those that have few values in many spans. */
final class ComparedFields {
  private static final int MAX_ATTRIBUTES = 1000;

  private ComparedFields() {}

  /**
   * Intrinsics, and all attributes of spans, resources and instrumentation scopes that occur.
   *
   * @param where what the spans that are compared fulfil, null for all
   */
  static List<Field> find(
      QueryScope scope,
      TraceTable table,
      Dataset dataset,
      @Nullable Condition where,
      TimeRange range) {
    Distinct keys =
        new Distinct.Keys(
            List.of(AttributeScope.SPAN, AttributeScope.RESOURCE, AttributeScope.SCOPE), true);
    Set<Attribute> attributes = new TreeSet<>(Comparator.comparing(Attribute::text));
    try (TraceTable.View view = table.open(scope, dataset, keys, where, range)) {
      view.fresh((batch, visible) -> add(batch, attributes));
      view.newestFirst(keys, where, range, () -> true, (batch, visible) -> add(batch, attributes));
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

  private static void add(VectorSchemaRoot batch, Set<Attribute> attributes) {
    for (int row = 0; row < batch.getRowCount(); row++) {
      String key = batch.getVector("key").getObject(row).toString();
      Scope scope =
          switch (AttributeScope.valueOf(batch.getVector("scope").getObject(row).toString())) {
            case RESOURCE -> Scope.RESOURCE;
            case SCOPE -> Scope.INSTRUMENTATION;
            default -> Scope.SPAN;
          };
      attributes.add(new Attribute(scope, key));
    }
  }
}
