package io.signaldb.querier.trace;

import io.signaldb.common.schema.AttributeColumns;
import io.signaldb.querier.traceql.FieldExpression;
import io.signaldb.querier.traceql.FieldExpression.Attribute;
import io.signaldb.querier.traceql.FieldExpression.IntrinsicField;
import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a query reads of each span.
 *
 * @param names the storage columns
 * @param attributes of span, resource and instrumentation scope
 * @param ofEvents attributes of events
 * @param ofLinks attributes of links
 */
public record SpanColumns(
    List<String> names,
    AttributeSlots attributes,
    AttributeSlots ofEvents,
    AttributeSlots ofLinks) {
  static final String PARENT_ID = "parent_span_id";
  static final String EVENTS = "events";
  static final String LINKS = "links";

  private static final List<String> ALWAYS =
      List.of(
          "trace_id",
          "span_id",
          "span_name",
          "service_name",
          "start_time_unix_nano",
          "duration_nanos",
          "span_kind_number",
          "status_code_number",
          "is_root");

  /**
   * @param structural whether the query asks how spans hang together
   */
  public static SpanColumns of(
      Collection<FieldExpression.Field> fields, boolean structural, AttributeColumns columns) {
    AttributeSlots attributes =
        slots(fields, columns, Scope.SPAN, Scope.RESOURCE, Scope.INSTRUMENTATION);
    Set<String> names = new LinkedHashSet<>(ALWAYS);
    names.addAll(attributes.columns());
    for (FieldExpression.Field field : fields) {
      if (field.isOfEvent()) {
        names.add(EVENTS);
      } else if (field.isOfLink()) {
        names.add(LINKS);
      } else if (field instanceof IntrinsicField intrinsic) {
        column(intrinsic.intrinsic()).forEach(names::add);
      } else if (((Attribute) field).scope().isOfParent()) {
        names.add(PARENT_ID);
      }
    }
    if (structural) {
      names.add(PARENT_ID);
    }
    return new SpanColumns(
        List.copyOf(names),
        attributes,
        slots(fields, columns, Scope.EVENT),
        slots(fields, columns, Scope.LINK));
  }

  /** The columns of those fields that not every query needs. */
  private static Stream<String> column(Intrinsic intrinsic) {
    return switch (intrinsic) {
      case STATUS_MESSAGE -> Stream.of("status_message");
      case SCOPE_NAME -> Stream.of("scope_name");
      case SCOPE_VERSION -> Stream.of("scope_version");
      case PARENT_ID, PARENT, CHILD_COUNT, NESTED_SET_LEFT, NESTED_SET_RIGHT, NESTED_SET_PARENT ->
          Stream.of(PARENT_ID);
      case NAME,
          DURATION,
          STATUS,
          KIND,
          SPAN_ID,
          TRACE_ID,
          TRACE_DURATION,
          ROOT_NAME,
          ROOT_SERVICE_NAME,
          EVENT_NAME,
          EVENT_TIME_SINCE_START,
          LINK_TRACE_ID,
          LINK_SPAN_ID ->
          Stream.of();
    };
  }

  private static AttributeSlots slots(
      Collection<FieldExpression.Field> fields, AttributeColumns columns, Scope... scopes) {
    List<Scope> wanted = List.of(scopes);
    List<Attribute> places = new ArrayList<>();
    for (FieldExpression.Field field : fields) {
      if (field instanceof Attribute attribute) {
        Scope scope = attribute.scope().withinSpan();
        Stream<Scope> places0 =
            scope == Scope.ANY ? Stream.of(Scope.SPAN, Scope.RESOURCE) : Stream.of(scope);
        places0
            .filter(wanted::contains)
            .forEach(place -> places.add(new Attribute(place, attribute.key())));
      }
    }
    return new AttributeSlots(places, columns);
  }
}
