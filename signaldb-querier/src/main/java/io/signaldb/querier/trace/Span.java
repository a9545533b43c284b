package io.signaldb.querier.trace;

import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Scope;
import io.signaldb.querier.traceql.SpanView;
import io.signaldb.querier.traceql.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A span with what a query asks about, apart from the batch it was read from. */
public final class Span implements SpanView {
  private final Row row;
  private final SpanColumns columns;
  private final Value[] attributes;
  private final List<Event> events;
  private final List<Link> links;
  private @Nullable Trace trace;
  private SpanTree.Place place = SpanTree.Place.UNKNOWN;

  /**
   * What every query needs.
   *
   * @param parentId empty for a root, and where the query does not ask
   * @param statusMessage empty where the span has none or the query does not ask
   */
  public record Row(
      String traceId,
      String spanId,
      String parentId,
      String name,
      String service,
      Value.Kind kind,
      Value.Status status,
      String statusMessage,
      String scopeName,
      String scopeVersion,
      boolean root,
      long startUnixNano,
      long durationNanos) {

    long endUnixNano() {
      return startUnixNano + durationNanos;
    }
  }

  /**
   * What a query asks about an event.
   *
   * @param attributes in the order of the slots
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Event(String name, long unixNano, Value[] attributes) {}

  /**
   * What a query asks about a link.
   *
   * @param attributes in the order of the slots
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Link(String traceId, String spanId, Value[] attributes) {}

  /**
   * @param attributes in the order of the slots
   */
  Span(Row row, SpanColumns columns, Value[] attributes, List<Event> events, List<Link> links) {
    this.row = row;
    this.columns = columns;
    this.attributes = attributes;
    this.events = events;
    this.links = links;
  }

  /** What every query needs. */
  public Row row() {
    return row;
  }

  void joins(Trace trace) {
    this.trace = trace;
  }

  /** Whether the span hangs on nothing, though it is no root. */
  boolean isApart() {
    return place.parentLeft() == 0;
  }

  void takes(SpanTree.Place place) {
    this.place = place;
  }

  @Override
  public Value attribute(Scope scope, String key) {
    return switch (scope) {
      case EVENT -> {
        int slot = columns.ofEvents().index(scope, key);
        yield first(events.stream().map(event -> event.attributes[slot]).toList());
      }
      case LINK -> {
        int slot = columns.ofLinks().index(scope, key);
        yield first(links.stream().map(link -> link.attributes[slot]).toList());
      }
      default -> attributes[columns.attributes().index(scope, key)];
    };
  }

  private static Value first(List<Value> values) {
    return values.stream().filter(value -> value != Value.NIL).findFirst().orElse(Value.NIL);
  }

  @Override
  public Value intrinsic(Intrinsic intrinsic) {
    return switch (intrinsic) {
      case NAME -> new Value.Text(row.name);
      case DURATION -> new Value.Nanos(row.durationNanos);
      case STATUS -> row.status;
      case STATUS_MESSAGE -> new Value.Text(row.statusMessage);
      case KIND -> row.kind;
      case SPAN_ID -> new Value.Text(row.spanId);
      case PARENT_ID -> new Value.Text(row.parentId);
      case PARENT -> row.parentId.isEmpty() ? Value.NIL : new Value.Text(row.parentId);
      case CHILD_COUNT -> new Value.Int(place.children());
      case NESTED_SET_LEFT -> new Value.Int(place.left());
      case NESTED_SET_RIGHT -> new Value.Int(place.right());
      case NESTED_SET_PARENT -> new Value.Int(place.parentLeft());
      case TRACE_ID -> new Value.Text(row.traceId);
      case SCOPE_NAME -> new Value.Text(row.scopeName);
      case SCOPE_VERSION -> new Value.Text(row.scopeVersion);
      case TRACE_DURATION -> new Value.Nanos(whole().durationNanos());
      case ROOT_NAME -> text(whole().rootName());
      case ROOT_SERVICE_NAME -> text(whole().rootService());
      case EVENT_NAME, EVENT_TIME_SINCE_START ->
          events.isEmpty() ? Value.NIL : ofEvent(events.get(0), intrinsic);
      case LINK_TRACE_ID, LINK_SPAN_ID ->
          links.isEmpty() ? Value.NIL : ofLink(links.get(0), intrinsic);
    };
  }

  private Value ofEvent(Event event, Intrinsic intrinsic) {
    return intrinsic == Intrinsic.EVENT_NAME
        ? new Value.Text(event.name)
        : new Value.Nanos(event.unixNano - row.startUnixNano);
  }

  private static Value ofLink(Link link, Intrinsic intrinsic) {
    return new Value.Text(intrinsic == Intrinsic.LINK_TRACE_ID ? link.traceId : link.spanId);
  }

  @Override
  public @Nullable Span parent() {
    return place.parent();
  }

  @Override
  public List<? extends SpanView> views(boolean ofEvents, boolean ofLinks) {
    List<View> views = new ArrayList<>();
    for (Event event : ofEvents && !events.isEmpty() ? events : NO_EVENT) {
      for (Link link : ofLinks && !links.isEmpty() ? links : NO_LINK) {
        views.add(new View(event, link));
      }
    }
    return views;
  }

  private static final List<@Nullable Event> NO_EVENT = java.util.Collections.singletonList(null);
  private static final List<@Nullable Link> NO_LINK = java.util.Collections.singletonList(null);

  /** The span as seen from one of its events and one of its links. */
  private final class View implements SpanView {
    private final @Nullable Event event;
    private final @Nullable Link link;

    View(@Nullable Event event, @Nullable Link link) {
      this.event = event;
      this.link = link;
    }

    @Override
    public Value attribute(Scope scope, String key) {
      return switch (scope) {
        case EVENT ->
            event == null ? Value.NIL : event.attributes[columns.ofEvents().index(scope, key)];
        case LINK ->
            link == null ? Value.NIL : link.attributes[columns.ofLinks().index(scope, key)];
        default -> Span.this.attribute(scope, key);
      };
    }

    @Override
    public Value intrinsic(Intrinsic intrinsic) {
      if (intrinsic.isOfEvent()) {
        return event == null ? Value.NIL : ofEvent(event, intrinsic);
      }
      if (intrinsic.isOfLink()) {
        return link == null ? Value.NIL : ofLink(link, intrinsic);
      }
      return Span.this.intrinsic(intrinsic);
    }

    @Override
    public @Nullable SpanView parent() {
      return Span.this.parent();
    }

    @Override
    public List<? extends SpanView> views(boolean ofEvents, boolean ofLinks) {
      return List.of(this);
    }
  }

  private Trace whole() {
    if (trace == null) {
      throw new IllegalStateException("The span has not joined its trace");
    }
    return trace;
  }

  private static Value text(@Nullable String text) {
    return text == null ? Value.NIL : new Value.Text(text);
  }
}
