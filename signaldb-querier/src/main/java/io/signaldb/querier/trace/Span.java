package io.signaldb.querier.trace;

import io.signaldb.querier.traceql.Intrinsic;
import io.signaldb.querier.traceql.Scope;
import io.signaldb.querier.traceql.SpanView;
import io.signaldb.querier.traceql.Value;
import org.jspecify.annotations.Nullable;

/** A span with the attributes a query asks about, apart from the batch it was read from. */
final class Span implements SpanView {
  private final Row row;
  private final AttributeSlots slots;
  private final Value[] attributes;
  private @Nullable Trace trace;

  /**
   * What every query needs.
   *
   * @param parentId empty for a root
   * @param statusMessage empty where the span has none or the query does not ask
   */
  record Row(
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
   * @param attributes in the order of {@code slots}
   */
  Span(Row row, AttributeSlots slots, Value[] attributes) {
    this.row = row;
    this.slots = slots;
    this.attributes = attributes;
  }

  Row row() {
    return row;
  }

  void joins(Trace trace) {
    this.trace = trace;
  }

  @Override
  public Value attribute(Scope scope, String key) {
    return attributes[slots.index(scope, key)];
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
      case TRACE_ID -> new Value.Text(row.traceId);
      case SCOPE_NAME -> new Value.Text(row.scopeName);
      case SCOPE_VERSION -> new Value.Text(row.scopeVersion);
      case TRACE_DURATION -> new Value.Nanos(whole().durationNanos());
      case ROOT_NAME -> text(whole().rootName());
      case ROOT_SERVICE_NAME -> text(whole().rootService());
    };
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
