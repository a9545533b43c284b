package io.signaldb.querier.traceql;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One span with its trace, as a query sees it. */
public interface SpanView {
  /**
   * The attribute's value, {@link Value#NIL} if the span has none. Of events and links it is the
   * value of the first that has one.
   *
   * @param scope one that is not of the parent, and not {@link Scope#ANY}
   */
  Value attribute(Scope scope, String key);

  /**
   * The field's value, of the field's type. {@link Value#NIL} for what the span or its trace does
   * not have: a root, a parent, an event, a link.
   */
  Value intrinsic(Intrinsic intrinsic);

  /**
   * The span's parent: the very object that stands for it in the trace. Null for a root, and where
   * the parent is not there.
   */
  @Nullable SpanView parent();

  /**
   * The span as seen from each of its events and links: in each view {@code event.} and {@code
   * link.} fields are those of one event and one link. At least one view; a span without events or
   * links has a view without.
   *
   * @param events whether views differ by event
   * @param links whether views differ by link
   */
  List<? extends SpanView> views(boolean events, boolean links);
}
